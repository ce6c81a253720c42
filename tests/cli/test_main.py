"""The command line as a whole."""

import subprocess
import sys

from click.testing import CliRunner

from footfall.cli.main import main


def test_a_command_is_started_without_the_others() -> None:
    looked_at = "import sys; from footfall.cli.main import main; main(['db', '--help'], standalone_mode=False)"
    loaded = (
        f"{looked_at}; print([name for name in sys.modules if name.startswith(('litestar', 'uvicorn', 'pyarrow'))])"
    )

    shown = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout

    assert shown.endswith("[]\n")


def test_an_unknown_command_is_refused_by_its_name() -> None:
    result = CliRunner().invoke(main, ["impotr"])

    assert result.exit_code == 2
    assert "No such command 'impotr'" in result.output

"""The command line as a whole."""

import os
import re
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from footfall.cli.main import main
from tests.conftest import FOOTFALL


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


def test_every_command_prints_json_but_those_that_have_nothing_to_tell() -> None:
    def without(command: click.Command, path: str) -> list[str]:
        if isinstance(command, click.Group):
            context = click.Context(command)
            children = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
            return [each for name, child in children if child for each in without(child, f"{path} {name}")]
        options = {option for parameter in command.params for option in parameter.opts}
        return [] if "--json" in options else [path]

    assert without(main, "footfall") == ["footfall serve", "footfall demo", "footfall completion"]


def test_the_help_has_a_line_for_every_command() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output

    for name in main.list_commands(click.Context(main)):
        assert re.search(rf"^  {name} +[A-Z].*\.$", shown, re.MULTILINE), name


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands(shell: str) -> None:
    assert "_FOOTFALL_COMPLETE" in CliRunner().invoke(main, ["completion", shell]).output
    words = {"COMP_WORDS": "footfall qu", "COMP_CWORD": "qu" if shell == "fish" else "1"}
    asking = {**os.environ, "_FOOTFALL_COMPLETE": f"{shell}_complete", **words}

    found = subprocess.run([str(FOOTFALL)], env=asking, capture_output=True, text=True, check=True).stdout

    assert "query" in found

"""Documentation that is checked: settings, links, commands, lines to paste, names of modules."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import click
import pytest

from footfall.cli.main import main
from footfall.settings import PREFIX, Settings
from footfall.tenancy.creation import NewWorkspace
from tests.conftest import FOOTFALL, Server, free_port
from tests.curl import pasted

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])


def test_every_setting_is_documented_with_its_default() -> None:
    table = (ROOT / "docs" / "settings.md").read_text()
    defaults = Settings()
    for field in Settings.__struct_fields__:
        default = getattr(defaults, field)
        row = re.search(rf"^\| `{PREFIX}{field.upper()}` \| (.*?) \|", table, re.MULTILINE)
        assert row is not None, field
        if default != "":
            assert row[1] == f"`{str(default).lower() if isinstance(default, bool) else default}`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", page.read_text()):
        linked = (page.parent / target).resolve() if target else page
        assert linked.exists(), f"{page.name}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_pages_exist(page: Path) -> None:
    for line in re.findall(r"^(?:\$ (?:\S*/)?|\.venv/bin/)footfall (.*)$", page.read_text(), re.MULTILINE):
        words = line.split("#")[0].split()
        command: click.Command = main
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            name = words.pop(0)
            found = command.get_command(click.Context(command), name)
            assert found is not None, f"{page.name}: footfall {line}"
            command = found
        known = {option for parameter in command.params for option in parameter.opts}
        for word in words:
            if word.startswith("--"):
                assert word.split("=")[0] in known | {"--help"}, f"{page.name}: footfall {line}"


def test_the_walk_through_of_the_readme_works_when_pasted(server: Server, tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text()
    section = text[text.index("## Your own events") : text.index("The fifth read")]
    setup, *steps = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    create = next(line for line in setup.splitlines() if "workspace create" in line)
    script = "\n".join([f"export FOOTFALL_DATABASE_URL='{server.database_url}'", create, *steps])
    script = re.sub(r"^(curl .*)$", r"\1; echo", script, flags=re.MULTILINE)
    for shown, here in (
        (".venv/bin/footfall", str(FOOTFALL)),
        (".venv/bin/python", sys.executable),
        ("localhost:8000", server.url.removeprefix("http://")),
        ("workspace create acme", f"workspace create {uuid4()}"),  # other tests use the same server
    ):
        script = script.replace(shown, here)

    rapidly, capillary, px, clevertap = map(json.loads, pasted(script, tmp_path).splitlines())

    assert (rapidly["name"], rapidly["metadata"]) == ("table_booked", {"seats": 4})
    assert capillary["data"][0]["eventId"] == rapidly["id"]
    assert [event["eventId"] for event in px["customEvents"]] == [rapidly["id"]]
    assert [record["profile"]["identity"] for record in clevertap["records"]] == ["guest-7"]


def test_the_quick_start_works_when_pasted(server: Server, tmp_path: Path) -> None:
    make, serve, *steps = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "index.md").read_text(), re.DOTALL)
    assert serve == ".venv/bin/footfall serve\n"  # it runs already
    name = f"w{uuid4().hex}"  # other tests use the same server
    create = make.replace("make install\n", "").replace("create acme", f"create {name}")
    script = "\n".join([f"export FOOTFALL_DATABASE_URL='{server.database_url}'", create, *steps])
    script = re.sub(r"^.*pip install.*$", "", script, flags=re.MULTILINE)
    script = re.sub(r"(^curl (?:.|\n)*?(?<!,)$)", r"\1; echo", script, flags=re.MULTILINE)
    for shown, here in (
        (".venv/bin/footfall", str(FOOTFALL)),
        (".venv/bin/python", sys.executable),
        ("localhost:8000", server.url.removeprefix("http://")),
        ("--workspace acme", f"--workspace {name}"),
    ):
        script = script.replace(shown, here)

    captured, found, *table = pasted(script, tmp_path).splitlines()

    assert json.loads(captured)["duplicate"] is False
    (event,) = json.loads(found)["events"]
    assert (event["id"], event["customer"]["external_id"]) == (json.loads(captured)["id"], "guest-7")
    assert any("table_booked" in line for line in table)
    assert (tmp_path / "events.parquet").read_bytes().startswith(b"PAR1")


def test_the_documentation_is_a_web_site(tmp_path: Path) -> None:
    mkdocs = Path(sys.executable).with_name("mkdocs")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [str(mkdocs), "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]

    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)

    pages = {page.parent.name for page in (tmp_path / "site").glob("*/index.html")}
    assert {page.stem for page in (ROOT / "docs").glob("*.md")} - {"index"} <= pages
    for page in (tmp_path / "site").glob("**/index.html"):
        assert not re.findall(r'(?:src|href)="https?://(?!localhost)[^"]*\.(?:js|css|woff2?)"', page.read_text()), page


def test_the_samples_of_the_commands_work_one_after_the_other(tmp_path: Path) -> None:
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "docs" / "commands.md").read_text(), re.DOTALL)
    samples = re.findall(r"^\$ (.*<<END\n(?:.*\n)*?END|.*)\n((?:(?!\$ ).*\n)*)", "".join(blocks), re.MULTILINE)
    path = f"{FOOTFALL.parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "FOOTFALL_DATABASE_URL": "sqlite:///samples.db", "LANG": "C.UTF-8"}
    assert len(samples) > 15

    for command, shown in samples:
        here = command.replace("footfall doctor", f"footfall doctor --port {(port := free_port())}")
        done = subprocess.run(
            ["sh", "-euc", here], cwd=tmp_path, env=environment, check=False, capture_output=True, text=True, timeout=60
        )

        assert done.returncode == 0, f"{command}\n{done.stderr}"
        told = done.stdout + (done.stderr if "export -" in command else "")
        pattern = ".*".join(map(re.escape, shown.replace(":8000", f":{port}").split("...")))
        assert re.fullmatch(pattern, told, re.DOTALL), f"{command}\n{told}"


def test_the_samples_of_the_client_work_one_after_the_other(
    server: Server, workspace: NewWorkspace, tmp_path: Path
) -> None:
    samples = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "client.md").read_text(), re.DOTALL)
    program = f"TOKEN = {workspace.footfall.token!r}\n" + "\n".join(samples)
    written = tmp_path / "samples.py"
    written.write_text(program.replace("http://localhost:8000", server.url))

    done = subprocess.run([sys.executable, str(written)], check=False, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert told[:2] == ["139.12", "1000 0 []"]
    assert "0 were refused" in told
    assert "c-17 1004" in told
    assert told[-2:] == ["Left c-17", "not there"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_modules_and_files_that_pages_name_exist(page: Path) -> None:
    source = ROOT / "src" / "footfall"
    packages = "|".join(sorted(child.stem for child in source.iterdir() if not child.name.startswith("_")))
    for dotted in re.findall(rf"`(?:footfall\.)?((?:{packages})(?:\.(?!py`)\w+)+)`", page.read_text()):
        assert _exists_below(source, dotted.split(".")), f"{page.name}: {dotted}"
    for path in re.findall(
        r"`((?:src|tests|examples|benchmarks|docs|storage|apis|model|tenancy)/[\w./-]+)`", page.read_text()
    ):
        assert (ROOT / path).exists() or (source / path).exists(), f"{page.name}: {path}"


def _exists_below(package: Path, names: list[str]) -> bool:
    """A module, or a name in a module."""
    for index, name in enumerate(names):
        module = package.joinpath(*names[:index], f"{name}.py")
        if module.exists():
            return all(
                re.search(rf"^\s*(?:class|def|async def)?\s*{rest}\b", module.read_text(), re.MULTILINE)
                for rest in names[index + 1 :]
            )
    return package.joinpath(*names).is_dir()


def test_every_command_explains_itself() -> None:
    def explained(command: click.Command) -> None:
        assert command.help
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{command.name} {parameter.opts}"
        if isinstance(command, click.Group):
            for name in command.list_commands(click.Context(command)):
                child = command.get_command(click.Context(command), name)
                assert child is not None, name
                explained(child)

    explained(main)

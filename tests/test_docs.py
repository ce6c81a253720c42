"""Documentation that is checked: settings, links, commands."""

import re
from pathlib import Path

import click
import pytest

from footfall.cli.main import main
from footfall.settings import PREFIX, Settings

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
    for line in re.findall(r"^\$ (?:\S*/)?footfall (.*)$", page.read_text(), re.MULTILINE):
        words = line.split("#")[0].split()
        command: click.Command = main
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            name = words.pop(0)
            assert name in command.commands, f"{page.name}: footfall {line}"
            command = command.commands[name]
        known = {option for parameter in command.params for option in parameter.opts}
        for word in words:
            if word.startswith("--"):
                assert word.split("=")[0] in known | {"--help"}, f"{page.name}: footfall {line}"


def test_every_command_explains_itself() -> None:
    def explained(command: click.Command) -> None:
        assert command.help
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{command.name} {parameter.opts}"
        if isinstance(command, click.Group):
            for child in command.commands.values():
                explained(child)

    explained(main)

"""Commands that are imported when they are asked for: what one of them needs, the others need not wait for."""

from collections.abc import Mapping
from importlib import import_module

import click


class LazyGroup(click.Group):
    """A group whose commands stand in other modules, each told as ``module:attribute`` under the command's name."""

    def __init__(self, *args: object, sections: Mapping[str, Mapping[str, str]], **kwargs: object) -> None:
        """``sections``: headings with their commands, in the order in which the help lists them."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._sections = sections
        self._places = {name: place for places in sections.values() for name, place in places.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of all commands."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name, imported now."""
        place = self._places.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A list under each heading."""
        widest = max(map(len, self._places))
        for heading, places in self._sections.items():
            rows = []
            for name in places:
                command = self.get_command(ctx, name)
                assert command is not None
                rows.append((name.ljust(widest), command.get_short_help_str(formatter.width - widest - 6)))
            with formatter.section(heading):
                formatter.write_dl(rows)

"""``footfall completion``: what a shell needs to complete commands and options."""

import click
from click.shell_completion import get_completion_class


@click.command(short_help="Complete commands in a shell.")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script with which SHELL completes commands and options.

    For bash: footfall completion bash >> ~/.bashrc
    """
    made = get_completion_class(shell)
    assert made is not None
    root = context.find_root().command
    click.echo(made(root, {}, "footfall", "_FOOTFALL_COMPLETE").source())

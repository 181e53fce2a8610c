"""``server-certificate completion``: print the script for shell completion."""

from __future__ import annotations

import sys

import click
from click.shell_completion import get_completion_class

_LINES = {
    "bash": ('eval "$(server-certificate completion bash)"', "~/.bashrc"),
    "zsh": ('eval "$(server-certificate completion zsh)"', "~/.zshrc"),
    "fish": ("server-certificate completion fish | source", "~/.config/fish/config.fish"),
}
"""The line that installs the script, and the file to add it to."""

_HELP = """
Print the script for shell completion. It completes subcommands, options, files, consumers, and the
codes of findings.

\b
Add it to your shell:
  bash  eval "$(server-certificate completion bash)"      in ~/.bashrc
  zsh   eval "$(server-certificate completion zsh)"       in ~/.zshrc
  fish  server-certificate completion fish | source       in ~/.config/fish/config.fish
"""


@click.command(help=_HELP)
@click.argument("shell", type=click.Choice(list(_LINES)))
def command(*, shell: str) -> None:
    """Print the script; on a terminal, print how to install it."""
    if sys.stdout.isatty():
        line, file = _LINES[shell]
        click.echo(
            "With this script, your shell completes commands and options.\n"
            f"To install it, add this line to {file}:\n\n  {line}\n\nTo see the script, run:\n\n"
            f"  server-certificate completion {shell} | cat"
        )
        return
    # Imported lazily: the group imports this module.
    from server_certificate_cli.main import COMPLETION_VARIABLE, PROGRAM, group  # noqa: PLC0415

    kind = get_completion_class(shell)
    if kind is None:  # pragma: no cover - click knows all three
        raise click.UsageError(f"There is no script for {shell}.")
    script = kind(group, {}, PROGRAM, COMPLETION_VARIABLE)
    # `source()` would start bash to check its version.
    click.echo(script.source_template % script.source_vars())

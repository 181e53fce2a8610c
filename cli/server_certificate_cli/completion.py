"""``server-certificate completion``: print the script for shell completion."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

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
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(*, shell: str) -> None:
    """Print the script."""
    # Imported lazily: the group imports this module.
    from server_certificate_cli.main import COMPLETION_VARIABLE, PROGRAM, group  # noqa: PLC0415

    kind = get_completion_class(shell)
    if kind is None:  # pragma: no cover - click knows all three
        raise click.UsageError(f"There is no script for {shell}.")
    script = kind(group, {}, PROGRAM, COMPLETION_VARIABLE)
    # `source()` would start bash to check its version.
    click.echo(script.source_template % script.source_vars())

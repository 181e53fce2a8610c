"""The command itself: its sub-commands, each of them imported only when it is used."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from server_certificate_cli.errors import USAGE, ending
from server_certificate_cli.usage import refuse_material

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = "server-certificate"
COMPLETION_VARIABLE = "_SERVER_CERTIFICATE_COMPLETE"
"""What the shell sets when it asks for completion; click derives it from the program's name."""

_DISTRIBUTION = "iam-server-certificate"

_COMMANDS = {
    "check": (
        "server_certificate_cli.desk.check",
        "Say whether IAM takes a certificate, and everything that is wrong with it.",
    ),
    "inspect": (
        "server_certificate_cli.desk.inspect_files",
        "Say what files are and what they hold.",
    ),
    "convert": (
        "server_certificate_cli.desk.convert",
        "Write certificate, chain and private key the way IAM takes them.",
    ),
    "store": (
        "server_certificate_cli.aws.store",
        "Check, convert, and put it into a Secrets Manager secret.",
    ),
    "list": (
        "server_certificate_cli.aws.list_certificates",
        "List the server certificates in IAM.",
    ),
    "show": ("server_certificate_cli.aws.show", "Show a server certificate in IAM."),
    "completion": (
        "server_certificate_cli.completion",
        "Print the script that teaches your shell to complete this command.",
    ),
}
"""Module and short help by name. The help stands here so that listing imports none of them."""

_HELP = """
Server certificates for IAM: check, inspect and convert them on your desk, store, list and show them
in AWS.

\b
Exit codes: 0 accepted, or done
            1 rejected, or AWS refused
            2 wrong usage, or a file that cannot be read
"""


class Commands(click.Group):
    """A group that imports a sub-command when it is used, and ends the process its own way."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take nothing at all for wrong usage; releases of click differ about it."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(USAGE)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the help."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a sub-command; every module calls its own ``command``."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(_COMMANDS[cmd_name][0]).command
        if not isinstance(command, click.Command):  # pragma: no cover
            raise TypeError(f"{cmd_name} is a {type(command).__name__}, and no command.")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the sub-command, or say which one may be meant."""
        name = args[0]
        if name not in _COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            # Importing it costs milliseconds, and only mistakes need it.
            from difflib import get_close_matches  # noqa: PLC0415

            near = get_close_matches(name, _COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else f" There are: {', '.join(_COMMANDS)}."
            raise click.UsageError(f"There is no command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the sub-commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, **settings: object
    ) -> None:
        """
        Run, and end the process with the command's exit code.

        click's own way out answers 1 to Ctrl-C and to a broken pipe, which means rejected here.
        """
        del settings
        words = sys.argv[1:] if args is None else list(args)
        sys.exit(ending(lambda: self._run(words)))

    def _run(self, words: list[str]) -> object:
        if wish := os.environ.get(COMPLETION_VARIABLE):
            # Only the shell asks for it.
            from click.shell_completion import shell_complete  # noqa: PLC0415

            return shell_complete(self, {}, PROGRAM, COMPLETION_VARIABLE, wish)
        refuse_material(words)
        with self.make_context(PROGRAM, words) as context:
            return self.invoke(context)


def _version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click calls it so
    if not wanted or ctx.resilient_parsing:
        return
    # It looks through what is installed, which takes longer than a check.
    from importlib.metadata import version  # noqa: PLC0415

    click.echo(f"{PROGRAM} {version(_DISTRIBUTION)}")
    ctx.exit()


@click.group(
    cls=Commands,
    help=_HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Each command has its own --help, with examples.",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_version,
    help="Show the version and exit.",
)
def group() -> None:
    """Run a sub-command."""


def main() -> None:
    """Run the command with the arguments of the process."""
    # The process lives too short for collections to pay; the one at its end takes a sixth of it.
    gc.disable()
    try:
        group.main()
    finally:
        gc.freeze()

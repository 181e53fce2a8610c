"""The command and its subcommands, which are imported when they are used."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from server_certificate_cli.errors import USAGE, run_to_exit_code
from server_certificate_cli.usage import refuse_material

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = "server-certificate"
COMPLETION_VARIABLE = "_SERVER_CERTIFICATE_COMPLETE"
"""The variable that the shell sets for completion. click derives it from the program's name."""

_DISTRIBUTION = "iam-server-certificate"

_COMMANDS = {
    "check": (
        "server_certificate_cli.local.check",
        "Check whether IAM will accept a certificate, and report all problems.",
    ),
    "inspect": (
        "server_certificate_cli.local.inspect_files",
        "Show the format and the content of files.",
    ),
    "convert": (
        "server_certificate_cli.local.convert",
        "Convert a certificate, chain and private key to the format that IAM requires.",
    ),
    "explain": (
        "server_certificate_cli.local.explain",
        "Explain a finding: what it means, and how to fix it.",
    ),
    "store": (
        "server_certificate_cli.aws.store",
        "Store a certificate and its private key in a Secrets Manager secret.",
    ),
    "list": (
        "server_certificate_cli.aws.list_certificates",
        "List the server certificates in IAM.",
    ),
    "show": ("server_certificate_cli.aws.show", "Show a server certificate in IAM."),
    "prune": (
        "server_certificate_cli.aws.prune",
        "Delete the server certificates that stacks have left behind.",
    ),
    "release": (
        "server_certificate_cli.aws.release",
        "Take the ownership tags off a server certificate.",
    ),
    "completion": (
        "server_certificate_cli.completion",
        "Print the script for shell completion.",
    ),
}
"""The module and short help of each command. The help is here to print it without the import."""

_HELP = """
Check, inspect and convert server certificates for IAM on your computer. Store, list, show, prune and
release them in AWS.

\b
Exit codes: 0 accepted, or success
            1 rejected, or a request to AWS failed
            2 invalid usage, or a file can't be read
"""


class Commands(click.Group):
    """A group that imports subcommands lazily, and has its own exit codes."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Treat a command line without arguments as invalid usage, in all versions of click."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(USAGE)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the help."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a subcommand, which every module defines as ``command``."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(_COMMANDS[cmd_name][0]).command
        if not isinstance(command, click.Command):  # pragma: no cover
            raise TypeError(f"{cmd_name} is a {type(command).__name__}, not a command.")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand, or suggest a similar one."""
        name = args[0]
        if name not in _COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            # Imported lazily: only needed for errors.
            from difflib import get_close_matches  # noqa: PLC0415

            near = get_close_matches(name, _COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else f" Commands: {', '.join(_COMMANDS)}."
            raise click.UsageError(f"There is no command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, **settings: object
    ) -> None:
        """
        Run, and end the process with the command's exit code.

        By default, click ends with 1 after Ctrl-C or a broken pipe, which here means rejected.
        """
        del settings
        words = sys.argv[1:] if args is None else list(args)
        sys.exit(run_to_exit_code(lambda: self._run(words)))

    def _run(self, words: list[str]) -> object:
        if instruction := os.environ.get(COMPLETION_VARIABLE):
            # Imported lazily: only shell completion needs it.
            from click.shell_completion import shell_complete  # noqa: PLC0415

            return shell_complete(self, {}, PROGRAM, COMPLETION_VARIABLE, instruction)
        refuse_material(words)
        with self.make_context(PROGRAM, words) as context:
            return self.invoke(context)


def _version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    if not wanted or ctx.resilient_parsing:
        return
    # Imported lazily: searching the installed packages takes longer than a check.
    from importlib.metadata import version  # noqa: PLC0415

    click.echo(f"{PROGRAM} {version(_DISTRIBUTION)}")
    ctx.exit()


@click.group(
    cls=Commands,
    help=_HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="For examples, run a command with --help.",
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
    """Run a subcommand."""


def main() -> None:
    """Run the command with the arguments of the process."""
    # Garbage collection isn't worth its time in a short process. At exit, it takes a sixth of the time.
    gc.disable()
    try:
        group.main()
    finally:
        gc.freeze()

"""How the command ends: exit codes, and one sentence for whatever went wrong."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server_certificate.secrecy import without_material
from server_certificate_cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

OK = 0
"""Accepted, or done."""

REJECTED = 1
"""The material is rejected, or AWS refused."""

USAGE = 2
"""Wrong usage, or a file that cannot be read or written."""

UNEXPECTED = 70
"""A mistake in this command itself (EX_SOFTWARE of sysexits.h)."""

INTERRUPTED = 130
"""Ctrl-C: 128 and the number of the signal, as a shell says it."""

BROKEN_PIPE = 141
"""Whoever read the output went away: 128 and the number of the signal, as a shell says it."""

DEBUG_VARIABLE = "SERVER_CERTIFICATE_DEBUG"


class CommandError(click.ClickException):
    """Ends the command with one sentence on standard error: wrong usage, or an unreadable file."""

    exit_code = USAGE


class RefusedError(CommandError):
    """Ends the command with one sentence on standard error: somebody says no to what is asked."""

    exit_code = REJECTED


class SignalledError(BaseException):
    """Ends the command because a signal asks for it, with everything as it was before."""

    def __init__(self, number: int) -> None:
        """
        Take a signal.

        Args:
            number: Its number.
        """
        self.exit_code = 128 + number
        """As a shell says it."""
        super().__init__(f"signal {number}")


def run_to_exit_code(run: Callable[[], object]) -> int:
    """
    Run a command and return the exit code of the process, whatever happens.

    Args:
        run: What to do. Returns an exit code, or something else for success.
    """
    try:
        _prepare_output()
        code = _run(run)
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    except SignalledError as err:
        return err.exit_code
    except OSError as err:
        # What comes from a file is told by whoever opened it; only the output has no name.
        if err.filename is not None:
            _print_internal_error(err)
            return UNEXPECTED
        _discard_output()
        _print_error(f"The output cannot be written: {err.strerror or type(err).__name__}.")
        return USAGE
    return code


def _run(run: Callable[[], object]) -> int:
    try:
        result = run()
    except click.exceptions.Exit as err:
        return err.exit_code
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as err:
        _print_click_error(err)
        return err.exit_code
    except OSError:
        raise
    except Exception as err:  # noqa: BLE001 - whatever it is, nobody shall see a traceback
        _print_internal_error(err)
        return UNEXPECTED
    return result if isinstance(result, int) else OK


def _print_click_error(error: click.ClickException) -> None:
    _print_error(error.format_message())
    if isinstance(error, click.UsageError) and error.ctx is not None:
        click.echo(f"Try '{error.ctx.command_path} --help'.", err=True)


def _print_error(message: str) -> None:
    # Whatever a person typed may be repeated here, by click as well.
    message = without_material(message)
    click.echo("Error: " + "\n".join(printable(line) for line in message.splitlines()), err=True)


def _print_internal_error(error: BaseException) -> None:
    """Say what kind of mistake happened. Its message stays unsaid: it may hold key material."""
    wish = f"Set {DEBUG_VARIABLE}=1 to see where, and please report it."
    if os.environ.get(DEBUG_VARIABLE):
        wish = "Please report it, with these lines; they hold nothing of your files."
        # Importing it costs milliseconds, and only mistakes need it.
        from traceback import format_tb  # noqa: PLC0415

        cause: BaseException | None = error
        while cause is not None:
            click.echo("".join(format_tb(cause.__traceback__)) + type(cause).__name__, err=True)
            cause = cause.__cause__ or cause.__context__
    _print_error(f"This command made a mistake of its own ({type(error).__name__}). {wish}")


def _prepare_output() -> None:
    """Have both outputs take whatever is written to them."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # The process was started with it closed. Opened now, its descriptor goes to no file of
            # the user's.
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - it stays open
            setattr(sys, name, nowhere)
        reconfigure = getattr(getattr(sys, name), "reconfigure", None)
        if reconfigure is not None:
            # What the encoding of the output lacks is escaped; it is no reason to fail.
            reconfigure(errors="backslashreplace")


def _discard_output() -> None:
    """Let nothing be written at exit, for that would fail again."""
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)

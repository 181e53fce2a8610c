"""Exit codes, and error messages in one sentence."""

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
"""Accepted, or success."""

REJECTED = 1
"""The certificate was rejected, or a request to AWS failed."""

USAGE = 2
"""Invalid usage, or a file can't be read or written."""

UNEXPECTED = 70
"""An internal error (EX_SOFTWARE in sysexits.h)."""

INTERRUPTED = 130
"""Ctrl-C: 128 plus the number of the signal, as in a shell."""

BROKEN_PIPE = 141
"""The reader closed the output: 128 plus the number of the signal, as in a shell."""

DEBUG_VARIABLE = "SERVER_CERTIFICATE_DEBUG"


class CommandError(click.ClickException):
    """Ends the command with a message on standard error: invalid usage, or an unreadable file."""

    exit_code = USAGE


class RefusedError(CommandError):
    """Ends the command with a message on standard error: the request was rejected."""

    exit_code = REJECTED


class SignaledError(BaseException):
    """Ends the command because of a signal."""

    def __init__(self, number: int) -> None:
        """
        Create the error.

        Args:
            number: The number of the signal.
        """
        self.exit_code = 128 + number
        """The exit code, as in a shell."""
        super().__init__(f"signal {number}")


def run_to_exit_code(run: Callable[[], object]) -> int:
    """
    Run a command, and return the exit code of the process. No exception is raised.

    Args:
        run: The command. Returns an exit code, or any other value for success.
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
    except SignaledError as err:
        return err.exit_code
    except OSError as err:
        # Errors of input files are handled where they are opened. Only the output has no file name.
        if err.filename is not None:
            _print_internal_error(err)
            return UNEXPECTED
        _discard_output()
        _print_error(f"The output can't be written: {err.strerror or type(err).__name__}.")
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
    except Exception as err:  # noqa: BLE001 - no error should print a traceback
        _print_internal_error(err)
        return UNEXPECTED
    return result if isinstance(result, int) else OK


def _print_click_error(error: click.ClickException) -> None:
    message = error.format_message()
    if isinstance(error, click.MissingParameter):
        # click lists the choices on lines of their own, with tabs.
        message = " ".join(message.split())
    _print_error(message)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        click.echo(f"Try '{error.ctx.command_path} --help'.", err=True)


def _print_error(message: str) -> None:
    # Messages can repeat what the user typed, including those from click.
    message = without_material(message)
    click.echo("Error: " + "\n".join(printable(line) for line in message.splitlines()), err=True)


def _print_internal_error(error: BaseException) -> None:
    """Print the type of an internal error, but not its message, which could contain key material."""
    instruction = f"To see where, set {DEBUG_VARIABLE}=1. Please report this bug."
    if os.environ.get(DEBUG_VARIABLE):
        instruction = (
            "Please report this bug with the lines above, which contain nothing from your files."
        )
        # Imported lazily: only needed for internal errors.
        from traceback import format_tb  # noqa: PLC0415

        cause: BaseException | None = error
        while cause is not None:
            click.echo("".join(format_tb(cause.__traceback__)) + type(cause).__name__, err=True)
            cause = cause.__cause__ or cause.__context__
    _print_error(f"Internal error ({type(error).__name__}). {instruction}")


def _prepare_output() -> None:
    """Make sure that both outputs exist and accept every character."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # The process was started with a closed output. Open it, so that no other file gets its
            # descriptor.
            null_device = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - must stay open
            setattr(sys, name, null_device)
        reconfigure = getattr(getattr(sys, name), "reconfigure", None)
        if reconfigure is not None:
            # Escape characters that the output's encoding doesn't support, instead of failing.
            reconfigure(errors="backslashreplace")


def _discard_output() -> None:
    """Write nothing at exit, because that would fail again."""
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    null_device = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null_device, descriptor)
    os.close(null_device)

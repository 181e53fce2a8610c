"""The command ``python -m dev.acceptance``."""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from dev.acceptance.account import Account, NoAccountError
from dev.acceptance.inquiry import Inquiry
from dev.acceptance.patience import Patience
from dev.acceptance.plan import EXPLANATION, VARIABLE, plan
from dev.acceptance.questions import QUESTIONS
from dev.acceptance.removal import Removal, clean_up
from dev.acceptance.report import NAME, Mask, Report
from dev.acceptance.run import Run
from dev.acceptance.runner import Asking, tell
from dev.demo.display import Display
from dev.tools.interruption import InterruptedBySignalError, Interruption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dev.acceptance.findings import Question
    from dev.acceptance.run import Thing

CERTIFICATES: Final = 12
"""The number of certificates that a run has at a time, at most."""

_WRONG_USAGE: Final = 2


class RefusedError(Exception):
    """The command must not begin; the message says what to set."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code: 0 if all is as expected, 1 if not, 2 if it refuses."""
    options = _parser().parse_args(arguments)
    if not os.environ.get(VARIABLE):
        print(EXPLANATION, end="", file=sys.stderr)  # noqa: T201 - what a person reads
        return _WRONG_USAGE
    try:
        account = checked_account(os.environ[VARIABLE])
        if options.clean_up is not None:
            return _clean_up(account, options)
        run = Run.new()
        print(_plan(account, run, with_load_balancer=options.with_load_balancer), flush=True)  # noqa: T201 - the same
        confirm("Create this?", is_confirmed=options.yes)
    except (NoAccountError, RefusedError, BotoCoreError, ClientError) as refused:
        print(refused, file=sys.stderr)  # noqa: T201 - the same
        return _WRONG_USAGE
    chosen = [each for each in QUESTIONS if not options.only or each.key in options.only]
    return _ask(account, run, chosen, options)


def checked_account(expected: str) -> Account:
    """
    Return the account of the credentials, which must be the expected one.

    Args:
        expected: The value of ``ACCEPTANCE_ACCOUNT``.

    Raises:
        RefusedError: It is another account, or the value isn't an account id.
        NoAccountError: There is no Region, or there are no credentials.
    """
    if not re.fullmatch(r"[0-9]{12}", expected):
        raise RefusedError(
            f"{VARIABLE} is {expected!r}. Set it to an account id, which has 12 digits."
        )
    account = Account()
    if account.account_id != expected:
        raise RefusedError(
            f"{VARIABLE} is {expected}, but the credentials belong to account"
            f" {account.account_id}. Change {VARIABLE}, or AWS_PROFILE."
        )
    return account


def confirm(question: str, *, is_confirmed: bool) -> None:
    """
    Ask on a terminal, unless it is confirmed already.

    Raises:
        RefusedError: The answer isn't yes, or there is nobody to ask.
    """
    if is_confirmed:
        return
    if not sys.stdin.isatty():
        raise RefusedError("There is no terminal to confirm this: add --yes.")
    try:
        answer = input(f"{question} [y/N] ")
    except (EOFError, KeyboardInterrupt):
        answer = ""
    if answer.strip().lower() not in {"y", "yes"}:
        raise RefusedError("Not confirmed. Nothing was created or removed.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dev.acceptance",
        description="Check in a real AWS account what the project relies on.",
    )
    parser.add_argument("--yes", action="store_true", help="don't ask for confirmation")
    parser.add_argument(
        "--with-load-balancer",
        action="store_true",
        help="also ask about listeners; AWS charges for load balancers by the hour",
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=[question.key for question in QUESTIONS],
        metavar="QUESTION",
        help=f"ask only this one of: {', '.join(each.key for each in QUESTIONS)}; can be repeated",
    )
    parser.add_argument(
        "--propagation",
        type=int,
        default=30,
        metavar="SECONDS",
        help="how long the construct waits after an upload (default: 30)",
    )
    parser.add_argument(
        "--report", type=Path, default=Path(NAME), metavar="FILE", help=f"default: {NAME}"
    )
    parser.add_argument(
        "--clean-up", metavar="RUN", help="only remove what this run left when it was killed"
    )
    return parser


def _plan(account: Account, run: Run, *, with_load_balancer: bool) -> str:
    summary: Any = account.client("iam").get_account_summary()["SummaryMap"]
    held, quota = summary["ServerCertificates"], summary["ServerCertificatesQuota"]
    if quota - held < CERTIFICATES:
        raise RefusedError(
            f"The account has room for {quota - held} more server certificates, but a run needs"
            f" {CERTIFICATES}. Delete some, or raise the quota."
        )
    return plan(
        account,
        run,
        certificates=CERTIFICATES,
        held=held,
        quota=quota,
        with_load_balancer=with_load_balancer,
    )


def _ask(account: Account, run: Run, questions: list[Question], options: argparse.Namespace) -> int:
    display = Display()
    stopped: InterruptedBySignalError | None = None
    left: dict[Thing, str] = {}
    with (
        Interruption() as interruption,
        tempfile.TemporaryDirectory(prefix="certificate-acceptance-") as folder,
    ):
        inquiry = Inquiry(
            account,
            run,
            Path(folder),
            interruption,
            propagation_seconds=options.propagation,
            with_load_balancer=options.with_load_balancer,
        )
        asking = Asking(inquiry, questions, display)
        try:
            with interruption.allowed():
                asking.run()
        except InterruptedBySignalError as interrupted:
            stopped = interrupted
        finally:
            # Signals are held back from here on: nothing interrupts the clean-up.
            tell(display, "Removing everything. This can take some minutes.")
            left = _removed(account, run, inquiry.ledger.latest_first(), display)
    report = Report(
        facts=_facts(account, run),
        answers=asking.answers,
        leftovers={thing.removal_command(account.region): why for thing, why in left.items()},
    )
    report.write(options.report, Mask(account.account_id, account.caller_arn))
    tell(display, f"The report is in {options.report}.")
    if stopped is not None:
        tell(display, f"Stopped by {stopped}.")
        return stopped.exit_code
    return 0 if report.has_passed() else 1


def _clean_up(account: Account, options: argparse.Namespace) -> int:
    try:
        run = Run(options.clean_up)
    except ValueError as error:
        raise RefusedError(str(error)) from error
    things = Removal(account, run, Patience()).leftovers()
    display = Display()
    if not things:
        tell(display, f"Run {run.id} left nothing in {account.region}.")
        return 0
    for thing in things:
        tell(display, f"  {thing}")
    confirm("Remove this?", is_confirmed=options.yes)
    with Interruption():
        left = _removed(account, run, things, display)
    return 1 if left else 0


def _removed(
    account: Account, run: Run, noted: Sequence[Thing], display: Display
) -> dict[Thing, str]:
    """Remove what a run has created, and tell what is left."""
    patience = Patience()
    left = clean_up(Removal(account, run, patience), patience, noted)
    if not left:
        tell(display, "Everything that the run created is gone.")
        return left
    tell(display, "This couldn't be removed:")
    for thing, why in left.items():
        tell(display, f"  {thing}: {why}")
        tell(display, f"    {thing.removal_command(account.region)}")
    return left


def _facts(account: Account, run: Run) -> dict[str, str]:
    return {
        "Run": run.id,
        "Time": datetime.now(UTC).isoformat(timespec="seconds"),
        "Asked": account.endpoint or "AWS",
        "Partition": account.partition,
        "Region": account.region,
        "Python": platform.python_version(),
        **{name: version(name) for name in ("boto3", "aws-cdk-lib", "cdk-iam-server-certificate")},
    }

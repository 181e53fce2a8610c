"""``server-certificate prune``: delete the certificates that deleted stacks and renewals left behind."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from server_certificate_cli.aws.consumer_options import consumer_options
from server_certificate_cli.aws.durations import duration
from server_certificate_cli.aws.notes import note
from server_certificate_cli.aws.options import aws_options
from server_certificate_cli.errors import OK, REJECTED
from server_certificate_cli.local.options import at_option
from server_certificate_cli.output.report import write_document
from server_certificate_cli.questions import can_ask, confirm
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from datetime import datetime

_DEFAULT_AGE = timedelta(hours=24)
_MOST_KEPT = 1000
_HELP = """
Delete the server certificates that deleted stacks and renewals have left behind: certificates whose tags
name a stack that was deleted, or that no longer has them. Without --yes, nothing is deleted: the plan is
shown, and on a terminal, you are asked.

Never deleted: certificates that a stack has, retains or has adopted; those whose stack can't be read, or
has an operation in progress or failed; and those in use. With --prefix, certificates without ownership
tags are deleted, too, if their names begin with it.

\b
Examples:
  server-certificate prune
  server-certificate prune --older-than 7d --keep 1 --yes
  server-certificate prune --prefix www-2029- --expired

\b
Exit codes: 0 success, also for a plan, and if certificates are in use
            1 a request to AWS failed, or you answered no
            2 invalid usage
"""


def _prefix(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    # Imported lazily: loads the checks.
    from server_certificate.naming import check_name  # noqa: PLC0415

    if value.startswith("arn:") or check_name(value):
        raise click.BadParameter(
            f"{value!r} is not the beginning of a server certificate name: 1 to 128 letters, digits"
            " and _+=,.@-.",
            ctx,
            parameter,
        )
    return value


@click.command(help=_HELP)
@click.option("--expired", is_flag=True, help="Delete only expired certificates.")
@click.option(
    "--older-than",
    callback=duration,
    metavar="DURATION",
    help="Delete only certificates uploaded longer ago, such as 24h, 7d or 2w. Default: 24h.",
)
@click.option(
    "--keep",
    type=click.IntRange(0, _MOST_KEPT),
    metavar="N",
    default=0,
    show_default=True,
    help="Keep the newest N that each resource has left behind.",
)
@click.option(
    "--prefix",
    metavar="NAMEPREFIX",
    callback=_prefix,
    help="Delete only names that begin with this, also without ownership tags. Needs --older-than or"
    " --expired.",
)
@click.option("--yes", is_flag=True, help="Delete without asking.")
@consumer_options
@at_option("Count the age and the validity from this time. Default: now.")
@aws_options
@click.option("--json", "wants_json", is_flag=True, help="Print JSON. Never asks.")
def command(
    *,
    expired: bool,
    older_than: timedelta | None,
    keep: int,
    prefix: str | None,
    yes: bool,
    consumer_regions: tuple[str, ...] | None,
    at: datetime,
    profile: str | None,
    region: str | None,
    wants_json: bool,
) -> int:
    """Show the plan, carry it out if the user agrees, and return the exit code."""
    if prefix is not None and older_than is None and not expired:
        raise usage_error(
            "--prefix also deletes certificates that no stack of this construct has uploaded. Add"
            " --older-than or --expired to say which."
        )
    # Imported lazily: boto3 takes longer to load than a check.
    from server_certificate_cli.aws.account import Account  # noqa: PLC0415
    from server_certificate_cli.aws.prune_plan import Rules  # noqa: PLC0415
    from server_certificate_cli.aws.pruning import Pruning  # noqa: PLC0415

    rules = Rules(
        at=at,
        older_than=_DEFAULT_AGE if older_than is None else older_than,
        expired=expired,
        keep=keep,
        prefix=prefix,
    )
    account = Account(profile=profile, region=region)
    pruning = Pruning(account, rules)
    pruning.make_plan(account.consumers(consumer_regions))
    number = len(pruning.planned)
    agreed = yes
    code = OK
    if not wants_json:
        # Imported lazily: loads rich, which JSON doesn't need.
        from server_certificate_cli.aws.prune_output import draw_plan  # noqa: PLC0415

        draw_plan(pruning.results, at=at)
        if number and not yes and can_ask():
            click.echo()
            agreed = confirm(f"Delete {_counted(number)}?")
            code = OK if agreed else REJECTED
    if agreed:
        pruning.carry_out()
        if any(result.failed for result in pruning.results):
            code = REJECTED
    if wants_json:
        write_document(
            dry_run=not agreed, certificates=[result.as_json(at) for result in pruning.results]
        )
    else:
        from server_certificate_cli.aws.prune_output import draw_results  # noqa: PLC0415

        draw_results(pruning.results, carried_out=agreed, was_asked=code != OK and not agreed)
    for problem in pruning.problems:
        note(problem)
    return code


def _counted(number: int) -> str:
    return "this certificate" if number == 1 else f"these {number:,} certificates"

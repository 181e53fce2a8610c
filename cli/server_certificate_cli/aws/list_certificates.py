"""``server-certificate list``: list the server certificates in IAM, sorted by expiry date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from server_certificate_cli.aws.consumer_options import consumer_options
from server_certificate_cli.aws.notes import note
from server_certificate_cli.aws.options import aws_options
from server_certificate_cli.errors import OK, REJECTED
from server_certificate_cli.local.options import MOST_DAYS, at_option, expiry_days_option
from server_certificate_cli.output.report import write_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server_certificate_cli.aws.certificates import CertificateSummary

_PATH_PREFIX = re.compile(r"/[\u0021-\u007F]{0,511}")
_HELP = """
List the server certificates in IAM. The certificate that expires first is listed first.

\b
STATE tells how a certificate relates to the stack in its tags:
  current      a resource of the stack has it
  left behind  the stack exists, but none of its resources has it
  stack gone   the stack was deleted
  stack busy   an operation of the stack is in progress or has failed
  unknown      its tags or its stack can't be read
  -            it has no ownership tags

"adopted" marks a certificate that existed before its stack, and "retained" one that outlives it. With
"newer secret", the secret that it was read from has a newer version.

\b
Examples:
  server-certificate list
  server-certificate list --path-prefix /cloudfront/
  server-certificate list --consumers --consumer-region eu-central-1
  server-certificate list --fail-within 30 --json

\b
Exit codes: 0 success, even if there are no certificates
            1 a request to AWS failed, or a certificate expires within the days of --fail-within
            2 invalid usage
"""


def _path_prefix(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is None or _PATH_PREFIX.fullmatch(value):
        return value
    proposal = f"/{value.lstrip('/')}"
    hint = f" Did you mean {proposal!r}?" if _PATH_PREFIX.fullmatch(proposal) else ""
    raise click.BadParameter(
        f"{value!r} is not a valid path prefix. It must be '/' and up to 511 printable ASCII"
        f" characters without spaces.{hint}",
        ctx,
        parameter,
    )


@click.command(help=_HELP)
@click.option(
    "--path-prefix",
    metavar="P",
    callback=_path_prefix,
    help="List only certificates whose path begins with P.",
)
@consumer_options
@expiry_days_option("Mark certificates that expire within N days.")
@click.option(
    "--fail-within",
    type=click.IntRange(0, MOST_DAYS),
    metavar="N",
    help="Exit with 1 if a listed certificate has expired or expires within N days.",
)
@at_option("Count the days from this time. Default: now.")
@aws_options
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
def command(
    *,
    path_prefix: str | None,
    consumer_regions: tuple[str, ...] | None,
    expiry_days: int,
    fail_within: int | None,
    at: datetime,
    profile: str | None,
    region: str | None,
    wants_json: bool,
) -> int:
    """List the certificates and their owners, and return the exit code."""
    # Imported lazily: boto3 takes longer to load than a check.
    from server_certificate_cli.aws.account import Account  # noqa: PLC0415
    from server_certificate_cli.aws.inventory import take_inventory  # noqa: PLC0415

    account = Account(profile=profile, region=region)
    listed = sorted(account.certificates.all(path_prefix), key=soonest)
    inventory = take_inventory(
        account, listed, account.consumers(consumer_regions), secrets=account.secrets
    )
    if wants_json:
        write_document(certificates=[entry.as_json(at) for entry in inventory.entries])
    else:
        # Imported lazily: loads rich, which JSON doesn't need.
        from server_certificate_cli.aws.listing import draw_listing  # noqa: PLC0415

        draw_listing(
            inventory.entries,
            account.certificates.quota(),
            path_prefix=path_prefix,
            at=at,
            expiry_days=expiry_days,
        )
    for problem in inventory.problems:
        note(problem)
    return OK if fail_within is None else _failing(listed, fail_within, at)


def _failing(listed: Sequence[CertificateSummary], days: int, at: datetime) -> int:
    limit = at + timedelta(days=days)
    names = [each.name for each in listed if each.expiration and each.expiration <= limit]
    if not names:
        return OK
    one = len(names) == 1
    what = "1 certificate has" if one else f"{len(names):,} certificates have"
    note(
        f"{what} expired or {'expires' if one else 'expire'} within {days:,}"
        f" {'day' if days == 1 else 'days'} (--fail-within): {', '.join(names)}."
    )
    return REJECTED


def soonest(certificate: CertificateSummary) -> tuple[datetime, str]:
    """Return the sort key that puts the certificate that expires first first."""
    return certificate.expiration or datetime.max.replace(tzinfo=UTC), certificate.name

"""``server-certificate list``: list the server certificates in IAM, sorted by expiry date."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from server_certificate_cli.aws.options import aws_options
from server_certificate_cli.local.options import at_option, expiry_days_option
from server_certificate_cli.output.report import write_json

if TYPE_CHECKING:
    from server_certificate_cli.aws.certificates import CertificateSummary

_PATH_PREFIX = re.compile(r"/[\u0021-\u007F]{0,511}")
_HELP = """
List the server certificates in IAM. The certificate that expires first is listed first.

The last column shows the stack that owns the certificate, according to its tags. Owners that you don't
have permission to read are shown as unknown.

\b
Examples:
  server-certificate list
  server-certificate list --path-prefix /cloudfront/
  server-certificate list --profile production --json

\b
Exit codes: 0 success, even if there are no certificates
            1 a request to AWS failed
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
@expiry_days_option("Mark certificates that expire within N days.")
@at_option("Count the days from this time. Default: now.")
@aws_options
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
def command(
    *,
    path_prefix: str | None,
    expiry_days: int,
    at: datetime,
    profile: str | None,
    region: str | None,
    wants_json: bool,
) -> None:
    """List the certificates and their owners."""
    # Imported lazily: boto3 takes longer to load than a check.
    from server_certificate_cli.aws.certificates import Certificates  # noqa: PLC0415
    from server_certificate_cli.aws.session import Aws  # noqa: PLC0415

    certificates = Certificates(Aws(profile=profile, region=region).iam(), profile=profile)
    listed = sorted(certificates.all(path_prefix), key=_soonest)
    owners = certificates.owners(listed)
    if wants_json:
        write_json(
            [
                {
                    **item.as_json(at),
                    "owner": (owner := owners.known.get(item.certificate_id)) and owner.as_json(),
                    "owner_known": item.certificate_id in owners.known,
                }
                for item in listed
            ]
        )
    else:
        # Imported lazily: loads rich, which JSON doesn't need.
        from server_certificate_cli.aws.listing import draw_listing  # noqa: PLC0415

        draw_listing(
            listed,
            owners,
            certificates.quota(),
            path_prefix=path_prefix,
            at=at,
            expiry_days=expiry_days,
        )
    if owners.problem is not None:
        click.echo(f"Some owners are unknown. {owners.problem.format_message()}", err=True)


def _soonest(certificate: CertificateSummary) -> tuple[datetime, str]:
    return certificate.expiration or datetime.max.replace(tzinfo=UTC), certificate.name

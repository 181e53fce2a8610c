"""``server-certificate show``: one server certificate in IAM, and what is to be said about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from server_certificate.assessment import Given, assess
from server_certificate.inputs import Input
from server_certificate_cli.aws.options import aws_options
from server_certificate_cli.local.options import criteria_options
from server_certificate_cli.output.report import as_json, write_json
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from server_certificate.assessment import Criteria

_HELP = """
Show a server certificate in IAM: what IAM says of it, its tags, the stack that owns it, its chain,
and what is to be said about it today.

NAME is its name, its ServerCertificateId (ASCA…) or its ARN. IAM never gives a private key back, so
there is none to show.

\b
Examples:
  server-certificate show www
  server-certificate show www --for cloudfront
  server-certificate show ASCAEXAMPLEEXAMPLE234 --pem > fullchain.pem

\b
Exit codes: 0 shown, whatever was found
            1 there is none, AWS refused, or was not reached
            2 wrong usage
"""


@click.command(help=_HELP)
@click.argument("wanted", metavar="NAME")
@criteria_options
@aws_options
@click.option("--json", "wants_json", is_flag=True, help="Write JSON, for machines.")
@click.option(
    "--pem", "wants_pem", is_flag=True, help="Write certificate and chain in PEM, nothing else."
)
def command(
    *,
    wanted: str,
    criteria: Criteria,
    profile: str | None,
    region: str | None,
    wants_json: bool,
    wants_pem: bool,
) -> None:
    """Get a certificate from IAM, check it, and show both."""
    if wants_json and wants_pem:
        raise usage_error("Give either --json or --pem, not both.")
    # It loads boto3, which takes longer than a check.
    from server_certificate_cli.aws.certificates import Certificates  # noqa: PLC0415
    from server_certificate_cli.aws.owner import OwningStack  # noqa: PLC0415
    from server_certificate_cli.aws.session import Aws  # noqa: PLC0415

    shown = Certificates(Aws(profile=profile, region=region).iam(), profile=profile).find(wanted)
    if wants_pem:
        click.echo(shown.pem, nl=False)
        return
    criteria = replace(criteria, name=shown.listed.name, path=shown.listed.path)
    assessment = assess(
        Given(
            certificate=Input.of_text(shown.body),
            chain=Input.of_text(shown.chain) if shown.chain else None,
        ),
        criteria,
    )
    owner = OwningStack.of(shown.tags)
    if wants_json:
        write_json(
            {
                **shown.listed.as_json(criteria.at),
                "tags": shown.tags,
                "owner": owner and owner.as_json(),
                "assessment": as_json(assessment),
            }
        )
        return
    # It loads rich, and machines do without it.
    from server_certificate_cli.aws.details import draw_details  # noqa: PLC0415

    draw_details(shown, owner, assessment, criteria)

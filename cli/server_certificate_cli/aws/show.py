"""``server-certificate show``: show and check a server certificate in IAM."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from server_certificate.assessment import Given, assess
from server_certificate.inputs import Input
from server_certificate_cli.aws.consumer_options import consumer_options
from server_certificate_cli.aws.names import complete_names
from server_certificate_cli.aws.options import aws_options
from server_certificate_cli.local.options import criteria_options
from server_certificate_cli.output.report import as_json, write_document
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from server_certificate.assessment import Criteria

_HELP = """
Show a server certificate in IAM: its metadata, its tags, the stack that owns it and whether that still has
it, its chain, and the findings about it.

NAME is the name, the ServerCertificateId (ASCA…) or the ARN. The private key is not shown, because IAM
never returns it.

\b
Examples:
  server-certificate show www
  server-certificate show www --for cloudfront
  server-certificate show www --consumers
  server-certificate show ASCAEXAMPLEEXAMPLE234 --pem > fullchain.pem

\b
Exit codes: 0 success, regardless of the findings
            1 not found, or a request to AWS failed
            2 invalid usage
"""


@click.command(help=_HELP)
@click.argument("wanted", metavar="NAME", shell_complete=complete_names)
@criteria_options
@consumer_options
@aws_options
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@click.option(
    "--pem", "wants_pem", is_flag=True, help="Print only the certificate and the chain in PEM."
)
def command(
    *,
    wanted: str,
    criteria: Criteria,
    consumer_regions: tuple[str, ...] | None,
    profile: str | None,
    region: str | None,
    wants_json: bool,
    wants_pem: bool,
) -> None:
    """Get a certificate from IAM, check it, and show the result."""
    if wants_json and wants_pem:
        raise usage_error("--json and --pem can't be combined. Omit one of them.")
    # Imported lazily: boto3 takes longer to load than a check.
    from server_certificate_cli.aws.account import Account  # noqa: PLC0415
    from server_certificate_cli.aws.finding import find  # noqa: PLC0415
    from server_certificate_cli.aws.inventory import Entry  # noqa: PLC0415

    account = Account(profile=profile, region=region)
    shown = find(account.certificates, wanted)
    if wants_pem:
        click.echo(shown.pem, nl=False)
        return
    (state,) = account.stacks.ownership([shown])
    (secret,) = account.secrets.of([(shown, state)])
    consumers = account.consumers(consumer_regions)
    entry = Entry(
        listed=shown.listed,
        details=shown,
        ownership=state,
        secret=secret,
        consumers=None if consumers is None else consumers.of(shown.listed),
    )
    criteria = replace(criteria, name=shown.listed.name, path=shown.listed.path)
    assessment = assess(
        Given(
            certificate=Input.of_text(shown.body),
            chain=Input.of_text(shown.chain) if shown.chain else None,
        ),
        criteria,
    )
    if wants_json:
        certificate = {**entry.as_json(criteria.at), "tags": shown.tags}
        write_document(certificates=[{**certificate, "assessment": as_json(assessment)}])
        return
    # Imported lazily: loads rich, which JSON doesn't need.
    from server_certificate_cli.aws.details import draw_details  # noqa: PLC0415

    draw_details(shown, entry, assessment, criteria)

"""``server-certificate store``: check, convert, and put it into a Secrets Manager secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server_certificate_cli.aws.options import aws_options
from server_certificate_cli.errors import REJECTED, CommandError, RefusedError
from server_certificate_cli.local.checking import check_target
from server_certificate_cli.local.options import FILE, criteria_options, material_options
from server_certificate_cli.local.targets import requested
from server_certificate_cli.output.report import as_json, write_json
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from server_certificate.assessment import Assessment, Criteria
    from server_certificate_cli.aws.secret import CreationOptions, Outcome, Secrets
    from server_certificate_cli.local.checking import CheckedTarget
    from server_certificate_cli.local.material import Material
    from server_certificate_cli.local.targets import Target

_MOST_TAGS = 50
_MOST_KEY = 128
_MOST_VALUE = 256
_MOST_TEXT = 2048
"""Lengths of Secrets Manager's API: a description, the id of a KMS key."""

_HELP = """
Check certificate, chain and private key, convert them, and put them into a Secrets Manager secret as
JSON with the fields certificate, certificateChain and privateKey. The secret is created, or gets a
new version; if it holds the same already, nothing is written. Then come the lines that declare the
certificate in a CDK app.

TARGET is a bundle (PKCS#12, PEM, JSON) or a folder, as for check; the options name files instead.

\b
Examples:
  server-certificate store --secret www/certificate /etc/letsencrypt/live/www
  server-certificate store --secret www/certificate --bundle www.p12 --passphrase-file passphrase.txt
  server-certificate store --secret www/certificate --certificate cert.pem --private-key key.pem \\
    --chain chain.pem --kms-key-id alias/certificates --tag team=edge

\b
Exit codes: 0 stored, or the same was there
            1 rejected, AWS refused, or the secret holds something else
            2 wrong usage, or a file that cannot be read
"""


def _tags(ctx: click.Context, parameter: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for text in values:
        key, equals, value = text.partition("=")
        problem = ""
        if not equals or not key:
            problem = "is not KEY=VALUE"
        elif len(key) > _MOST_KEY or len(value) > _MOST_VALUE:
            problem = f"is too long; a key has up to {_MOST_KEY} characters, a value {_MOST_VALUE}"
        elif key.lower().startswith("aws:"):
            problem = "begins with 'aws:', which is reserved"
        elif key in tags:
            problem = "gives a key a second time"
        if problem:
            raise click.BadParameter(f"{text!r} {problem}.", ctx, parameter)
        tags[key] = value
    if len(tags) > _MOST_TAGS:
        raise click.BadParameter(f"a secret has up to {_MOST_TAGS} tags.", ctx, parameter)
    return tags


def _bounded(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not 0 < len(value) <= _MOST_TEXT:
        raise click.BadParameter(f"it must have 1 to {_MOST_TEXT:,} characters.", ctx, parameter)
    return value


def _creation_options(function: Callable[..., object]) -> Callable[..., object]:
    for option in (
        click.option(
            "--tag",
            "tags",
            metavar="KEY=VALUE",
            multiple=True,
            callback=_tags,
            help="Tag of a new secret. Can be repeated.",
        ),
        click.option(
            "--description", metavar="TEXT", callback=_bounded, help="Description of a new secret."
        ),
        click.option(
            "--kms-key-id",
            metavar="KEY",
            callback=_bounded,
            help="KMS key of a new secret: id, ARN or alias. Default: the AWS managed key.",
        ),
    ):
        function = option(function)
    return function


@click.command(help=_HELP)
@click.option("--secret", metavar="NAME|ARN", required=True, help="The secret to put it into.")
@material_options
@criteria_options
@aws_options
@_creation_options
@click.option("--force", is_flag=True, help="Replace something else that the secret holds.")
@click.option("--json", "wants_json", is_flag=True, help="Write JSON, for machines.")
@click.argument("targets", type=FILE, nargs=-1, metavar="[TARGET]")
def command(
    *,
    secret: str,
    material: Material,
    criteria: Criteria,
    profile: str | None,
    region: str | None,
    kms_key_id: str | None,
    description: str | None,
    tags: dict[str, str],
    force: bool,
    wants_json: bool,
    targets: tuple[str, ...],
) -> int:
    """Judge what was named, store it if it is accepted, and return the exit code."""
    target = _target(targets, material)
    # It loads boto3, which takes longer than a check.
    from server_certificate_cli.aws.declaration import declaration  # noqa: PLC0415
    from server_certificate_cli.aws.material import Fields  # noqa: PLC0415
    from server_certificate_cli.aws.secret import CreationOptions, SecretId, Secrets  # noqa: PLC0415
    from server_certificate_cli.aws.session import Aws  # noqa: PLC0415

    secret_id = SecretId(secret)
    region = secret_id.region(region)
    client = Aws(profile=profile, region=region).secrets_manager()
    secrets = Secrets(client, profile=profile, region=region)
    creation = CreationOptions(kms_key_id=kms_key_id, description=description, tags=tags)
    checked = check_target(target, criteria, material.passphrase.read())
    if checked.assessment is None:
        raise CommandError(checked.problem)
    assessment = checked.assessment
    if not wants_json:
        _draw(checked, assessment, criteria)
    if not assessment.accepted or assessment.public is None:
        if wants_json:
            write_json(as_json(assessment, checked.unused))
        click.echo("Nothing was stored: the material is rejected.", err=True)
        return REJECTED
    if assessment.private_key is None:
        raise RefusedError(
            f"Nothing was stored: '{target.name}' holds no private key, and without it no"
            " certificate can be uploaded. Give both, or --certificate and --private-key."
        )
    fields = Fields.of(assessment.public, assessment.private_key)
    outcome = secrets.put(secret_id, fields, creation=creation, force=force)
    if wants_json:
        write_json(
            {
                "secret_arn": outcome.arn,
                "version_id": outcome.version_id,
                "changed": outcome.changed,
            }
        )
    else:
        _tell(outcome)
        kms_key_id = _kms_key_id(secrets, creation, outcome)
        click.echo(
            declaration(
                arn=outcome.arn,
                version_id=outcome.version_id,
                kms_key_id=kms_key_id,
                acknowledged={
                    finding.code for finding in assessment.findings if finding.is_acknowledged
                },
            )
        )
    _tell_ignored(creation, outcome)
    return 0


def _target(paths: tuple[str, ...], material: Material) -> Target:
    found = requested(paths, material)
    if len(found.targets) > 1 or found.are_several:
        raise usage_error("A secret holds one certificate. Name one bundle, or one folder.")
    (target,) = found.targets
    if target.parts.certificate is not None and target.parts.private_key is None:
        raise usage_error(
            "The private key is missing, and without it no certificate can be uploaded. Give"
            " --private-key, too."
            if not paths
            else f"The folder '{target.name}' holds no private key under a name that is known, and"
            " without it no certificate can be uploaded. Name the files with --certificate,"
            " --private-key and --chain."
        )
    return target


def _draw(checked: CheckedTarget, assessment: Assessment, criteria: Criteria) -> None:
    # It loads rich, and machines do without it.
    from server_certificate_cli.output import verdict  # noqa: PLC0415
    from server_certificate_cli.output.terminal import Terminal  # noqa: PLC0415

    console = Terminal()
    verdict.draw_assessment(console, assessment, criteria, checked.target.parts.files)
    verdict.draw_folder(console, checked.target.note, checked.unused)
    if not assessment.accepted:
        verdict.draw_verdict(console, assessment, strict=False, convert=())


def _tell(outcome: Outcome) -> None:
    click.echo()
    if not outcome.changed:
        click.echo(f"The secret {outcome.arn} holds the same already; nothing was written.")
    elif outcome.is_new:
        click.echo(f"Created the secret {outcome.arn}.")
    else:
        click.echo(f"Stored a new version in the secret {outcome.arn}.")
        if outcome.replaced:
            click.echo(f"The version before, {outcome.replaced}, stays as AWSPREVIOUS.")
    click.echo("\nThis declares it in a stack of a CDK app:\n")


def _kms_key_id(secrets: Secrets, creation: CreationOptions, outcome: Outcome) -> str | None:
    # It loads boto3, which takes longer than a check.
    from server_certificate_cli.aws.errors import AwsRefusedError  # noqa: PLC0415

    try:
        return secrets.kms_key_id(outcome.arn)
    except AwsRefusedError as err:
        if outcome.is_new:
            return creation.kms_key_id
        click.echo(
            f"Which KMS key protects the secret is unknown: {err.format_message()} If it is one of"
            " your own, import the secret with Secret.from_secret_attributes and encryption_key.",
            err=True,
        )
        return None


def _tell_ignored(creation: CreationOptions, outcome: Outcome) -> None:
    if creation.options and not outcome.is_new:
        click.echo(
            f"Without effect: {', '.join(creation.options)}, for the secret existed already.",
            err=True,
        )

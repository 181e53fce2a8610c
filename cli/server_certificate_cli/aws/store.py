"""``server-certificate store``: check, convert, and store a certificate in a Secrets Manager secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server_certificate_cli.aws.options import aws_options
from server_certificate_cli.errors import REJECTED, USAGE, CommandError, RefusedError
from server_certificate_cli.local.checking import check_target, verdicts_as_json
from server_certificate_cli.local.options import FILE, criteria_options, material_options
from server_certificate_cli.local.targets import find_targets
from server_certificate_cli.output.report import write_document
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from server_certificate.assessment import Assessment, Criteria
    from server_certificate_cli.aws.replacement import Replacement
    from server_certificate_cli.aws.secret import CreationOptions, Outcome, Secrets
    from server_certificate_cli.local.checking import CheckedTarget
    from server_certificate_cli.local.material import Material
    from server_certificate_cli.local.targets import Target

_MOST_TAGS = 50
_MOST_KEY = 128
_MOST_VALUE = 256
_MOST_TEXT = 2048
"""The maximum length of a description and of a KMS key id (Secrets Manager API)."""

_HELP = """
Check and convert a certificate, its chain and its private key, and store them in a Secrets Manager
secret as JSON with the fields certificate, certificateChain and privateKey. Creates the secret, or
adds a version. If the secret already has the same content, nothing is written. Also prints the code
that declares the certificate in a CDK app.

If the secret has a certificate for other domains, you are asked on a terminal, and nothing is written
otherwise, unless you add --force. The private key is not shown.

TARGET is a certificate, a bundle (PKCS#12, PEM, JSON) or a folder, as for check. Use --chain and
--private-key for parts that it lacks.

\b
Examples:
  server-certificate store --secret www/certificate /etc/letsencrypt/live/www
  server-certificate store --secret www/certificate www.p12 --passphrase-file passphrase.txt
  server-certificate store --secret www/certificate cert.pem --private-key key.pem --chain chain.pem \\
    --kms-key-id alias/certificates --tag team=edge

\b
Exit codes: 0 stored, or the secret already has the same content
            1 rejected, a request to AWS failed, or the secret has other content
            2 invalid usage, or a file can't be read
"""


def _tags(ctx: click.Context, parameter: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for text in values:
        key, equals, value = text.partition("=")
        problem = ""
        if not equals or not key:
            problem = "is not KEY=VALUE"
        elif len(key) > _MOST_KEY or len(value) > _MOST_VALUE:
            problem = (
                f"is too long: a key can have {_MOST_KEY} characters, and a value {_MOST_VALUE}"
            )
        elif key.lower().startswith("aws:"):
            problem = "begins with 'aws:', which is reserved"
        elif key in tags:
            problem = "repeats a key"
        if problem:
            raise click.BadParameter(f"{text!r} {problem}.", ctx, parameter)
        tags[key] = value
    if len(tags) > _MOST_TAGS:
        raise click.BadParameter(f"a secret can have at most {_MOST_TAGS} tags.", ctx, parameter)
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
            help="Tag for a new secret. Can be repeated.",
        ),
        click.option(
            "--description", metavar="TEXT", callback=_bounded, help="Description for a new secret."
        ),
        click.option(
            "--kms-key-id",
            metavar="KEY",
            callback=_bounded,
            help="KMS key for a new secret: id, ARN or alias. Default: the AWS managed key.",
        ),
    ):
        function = option(function)
    return function


@click.command(help=_HELP)
@click.option("--secret", metavar="NAME|ARN", required=True, help="The secret to create or update.")
@material_options
@criteria_options
@aws_options
@_creation_options
@click.option(
    "--force",
    is_flag=True,
    help="Replace unrelated content of the secret, or a certificate for other domains, without asking.",
)
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
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
    """Check the target, store it if it is accepted, and return the exit code."""
    target = _target(targets, material)
    # Imported lazily: boto3 takes longer to load than a check.
    from server_certificate_cli.aws.declaration import declaration  # noqa: PLC0415
    from server_certificate_cli.aws.material import Fields  # noqa: PLC0415
    from server_certificate_cli.aws.replacement import Replacement  # noqa: PLC0415
    from server_certificate_cli.aws.replacing import (  # noqa: PLC0415
        check_replacement,
        draw_replacement,
    )
    from server_certificate_cli.aws.secret import CreationOptions, SecretId, Secrets  # noqa: PLC0415
    from server_certificate_cli.aws.session import Aws  # noqa: PLC0415

    secret_id = SecretId(secret)
    region = secret_id.region(region)
    client = Aws(profile=profile, region=region).secrets_manager()
    secrets = Secrets(client, profile=profile, region=region)
    creation = CreationOptions(kms_key_id=kms_key_id, description=description, tags=tags)
    checked = check_target(target, criteria, material.passphrase.read())
    if checked.assessment is None:
        if not wants_json:
            raise CommandError(checked.problem)
        _write_json(checked, None, replaced=[])
        return USAGE
    assessment = checked.assessment
    if not wants_json:
        _draw(checked, assessment, criteria)
    if not assessment.accepted or assessment.public is None:
        if wants_json:
            _write_json(checked, None, replaced=[])
        click.echo("Nothing was stored, because the certificate was rejected.", err=True)
        return REJECTED
    if assessment.private_key is None:
        raise RefusedError(
            f"Nothing was stored, because '{target.name}' does not contain a private key, which an"
            " upload requires. Add --private-key."
        )
    fields = Fields.of(assessment.public, assessment.private_key)
    replaced: list[Replacement] = []

    def check(stored: Fields) -> None:
        replacement = Replacement.of(stored, fields)
        replaced.append(replacement)
        if not wants_json:
            draw_replacement(secret, replacement)
        check_replacement(secret, replacement, force=force, may_ask=not wants_json)

    outcome = secrets.put(secret_id, fields, creation=creation, force=force, check=check)
    if wants_json:
        _write_json(checked, outcome, replaced)
    else:
        _print_outcome(outcome)
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
    _print_ignored_options(creation, outcome)
    return 0


def _target(paths: tuple[str, ...], material: Material) -> Target:
    found = find_targets(paths, material)
    if len(found.targets) > 1 or found.are_several:
        raise usage_error("A secret can contain one certificate. Name one bundle or one folder.")
    (target,) = found.targets
    if target.parts.certificate is not None and target.parts.private_key is None:
        raise usage_error(
            "The private key is missing, but an upload requires it. Add --private-key."
            if not paths
            else f"The folder '{target.name}' does not contain a private key with a known name, but"
            " an upload requires it. Name the files with --certificate, --private-key and --chain."
        )
    return target


def _draw(checked: CheckedTarget, assessment: Assessment, criteria: Criteria) -> None:
    # Imported lazily: loads rich, which JSON doesn't need.
    from server_certificate_cli.output import verdict  # noqa: PLC0415
    from server_certificate_cli.output.terminal import Terminal  # noqa: PLC0415

    console = Terminal()
    verdict.draw_assessment(console, assessment, criteria, checked.target.parts.files)
    verdict.draw_folder(console, checked.target.note, checked.unused)
    if not assessment.accepted:
        verdict.draw_verdict(console, assessment, strict=False, convert=())


def _write_json(
    checked: CheckedTarget, outcome: Outcome | None, replaced: Sequence[Replacement]
) -> None:
    stored = replaced[0].stored if replaced else None
    write_document(
        **verdicts_as_json([checked]),
        secret_arn=outcome and outcome.arn,
        version_id=outcome and outcome.version_id,
        changed=outcome is not None and outcome.changed,
        replaced=stored and stored.as_json(),
    )


def _print_outcome(outcome: Outcome) -> None:
    click.echo()
    if not outcome.changed:
        click.echo(f"The secret {outcome.arn} already has the same content. Nothing was written.")
    elif outcome.is_new:
        click.echo(f"Created the secret {outcome.arn}.")
    else:
        click.echo(f"Stored a new version in the secret {outcome.arn}.")
        if outcome.replaced:
            click.echo(f"The previous version, {outcome.replaced}, is kept as AWSPREVIOUS.")
    click.echo("\nTo declare the certificate in a CDK stack:\n")


def _kms_key_id(secrets: Secrets, creation: CreationOptions, outcome: Outcome) -> str | None:
    # Imported lazily: boto3 takes longer to load than a check.
    from server_certificate_cli.aws.errors import AwsRefusedError  # noqa: PLC0415

    try:
        return secrets.kms_key_id(outcome.arn)
    except AwsRefusedError as err:
        if outcome.is_new:
            return creation.kms_key_id
        click.echo(
            f"The KMS key of the secret is unknown. {err.format_message()} If it is a customer managed"
            " key, import the secret with Secret.from_secret_attributes and encryption_key.",
            err=True,
        )
        return None


def _print_ignored_options(creation: CreationOptions, outcome: Outcome) -> None:
    if creation.options and not outcome.is_new:
        click.echo(
            f"Ignored, because the secret already exists: {', '.join(creation.options)}.",
            err=True,
        )

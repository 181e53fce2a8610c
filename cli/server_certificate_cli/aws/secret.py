"""Store material in a Secrets Manager secret, without overwriting unrelated content by mistake."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate_cli.aws.errors import ACCESS_DENIED, AwsRefusedError, explain_errors
from server_certificate_cli.aws.material import Fields, UnexpectedContentError
from server_certificate_cli.aws.session import SECRETS_MANAGER
from server_certificate_cli.errors import RefusedError
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from types_boto3_secretsmanager.client import SecretsManagerClient
    from types_boto3_secretsmanager.type_defs import (
        CreateSecretRequestTypeDef,
    )

_MISSING = "ResourceNotFoundException"
_TAKEN = "ResourceExistsException"
_INVALID = "InvalidRequestException"

_NAME = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
_ARN = re.compile(
    r"arn:[\w-]+:secretsmanager:(?P<region>[a-z0-9-]+):\d{12}:secret:[A-Za-z0-9/_+=.@!-]{1,519}"
)
_EXAMPLE = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:www-AbCdEf"


@dataclass(frozen=True, slots=True)
class SecretId:
    """The name or ARN of a secret, from the command line."""

    text: str

    def __post_init__(self) -> None:
        """Validate the name or ARN."""
        if self.text.startswith("arn:") and _ARN.fullmatch(self.text) is None:
            raise usage_error(
                f"'{self.text}' is not the ARN of a secret. The format is {_EXAMPLE}."
            )
        if not self.is_arn and _NAME.fullmatch(self.text) is None:
            raise usage_error(
                f"'{self.text}' is not a valid secret name. It must have 1 to 512 letters, digits and"
                " /_+=.@-."
            )

    @property
    def is_arn(self) -> bool:
        """Whether it is an ARN, which can't be used to create a secret."""
        return self.text.startswith("arn:")

    def region(self, named: str | None) -> str | None:
        """
        Return the Region of the secret, which an ARN contains.

        Args:
            named: The Region from the command line.

        Raises:
            click.UsageError: The Region differs from the ARN.
        """
        match = _ARN.fullmatch(self.text)
        if match is None:
            return named
        if named not in {None, match["region"]}:
            raise usage_error(
                f"--region is {named}, but the secret's ARN is in {match['region']}. Omit --region, or"
                " change it."
            )
        return match["region"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationOptions:
    """The settings that apply only to a new secret."""

    kms_key_id: str | None = None
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def options(self) -> tuple[str, ...]:
        """The options that were set."""
        given = {
            "--kms-key-id": self.kms_key_id,
            "--description": self.description,
            "--tag": self.tags,
        }
        return tuple(option for option, value in given.items() if value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Where the material was stored."""

    arn: str
    version_id: str
    changed: bool
    """False if the secret already had the same content."""

    is_new: bool = False
    """Whether the secret was created."""

    replaced: str | None = None
    """The previous version."""


@dataclass(frozen=True, slots=True)
class _CurrentVersion:
    """The current version of a secret."""

    arn: str
    version_id: str
    text: str | None = field(repr=False)


class Secrets:
    """Reads and writes secrets."""

    def __init__(
        self, client: SecretsManagerClient, *, profile: str | None, region: str | None
    ) -> None:
        """
        Create a writer.

        Args:
            client: The client for Secrets Manager.
            profile: The profile from the command line, for messages.
            region: The Region from the command line, for messages.
        """
        self._client = client
        self._profile = profile
        self._region = region

    def put(
        self,
        secret: SecretId,
        fields: Fields,
        *,
        creation: CreationOptions,
        force: bool,
        check: Callable[[Fields], None],
    ) -> Outcome:
        """
        Store material in a secret: create it, or add a version if the content differs.

        Args:
            secret: The secret.
            fields: The material.
            creation: The settings for a new secret.
            force: Whether unrelated content can be replaced.
            check: Is called with other material in the secret before it is replaced.

        Raises:
            AwsRefusedError: The request failed.
            RefusedError: The secret contains something else, or the check has raised it.
        """
        text = fields.as_text()
        try:
            current = self._current(secret)
        except AwsRefusedError as err:
            if err.code != ACCESS_DENIED or secret.is_arn:
                raise
            # If the policy is limited to named secrets, access to a missing secret is denied, too.
            # Creating it overwrites nothing.
            return self._create_in_place_of(err, secret, text, creation)
        if current is None and not secret.is_arn:
            created = self._create(secret, text, creation)
            if created is not None:
                return created
            # It was just created, or it has no current version.
            current = self._current(secret)
        if current is None:
            return self._add(secret, text, replaced=None)
        stored = _read(secret, current, force=force)
        if stored is not None and stored.equals(fields):
            return Outcome(arn=current.arn, version_id=current.version_id, changed=False)
        if stored is not None and not stored.is_empty:
            check(stored)
        return self._add(secret, text, replaced=current.version_id)

    def kms_key_id(self, arn: str) -> str | None:
        """
        Return the KMS key of a secret as an id, alias or ARN; None for the AWS managed key.

        Raises:
            AwsRefusedError: The request failed.
        """
        with explain_errors(SECRETS_MANAGER, profile=self._profile):
            return self._client.describe_secret(SecretId=arn).get("KmsKeyId")

    def _current(self, secret: SecretId) -> _CurrentVersion | None:
        try:
            with explain_errors(SECRETS_MANAGER, profile=self._profile, secret=True):
                answer = self._client.get_secret_value(SecretId=secret.text)
                return _CurrentVersion(
                    answer["ARN"], answer["VersionId"], answer.get("SecretString")
                )
        except AwsRefusedError as err:
            if err.code == _MISSING:
                return None
            raise self._explained(err, secret) from None

    def _create_in_place_of(
        self, denial: AwsRefusedError, secret: SecretId, text: str, creation: CreationOptions
    ) -> Outcome:
        try:
            created = self._create(secret, text, creation)
        except AwsRefusedError as err:
            if err.code != ACCESS_DENIED:
                raise
            created = None
        if created is None:
            raise denial
        return created

    def _create(self, secret: SecretId, text: str, creation: CreationOptions) -> Outcome | None:
        request: CreateSecretRequestTypeDef = {"Name": secret.text, "SecretString": text}
        if creation.kms_key_id:
            request["KmsKeyId"] = creation.kms_key_id
        if creation.description:
            request["Description"] = creation.description
        if creation.tags:
            request["Tags"] = [{"Key": key, "Value": tag} for key, tag in creation.tags.items()]
        try:
            with explain_errors(SECRETS_MANAGER, profile=self._profile, secret=True):
                answer = self._client.create_secret(**request)
                return Outcome(
                    arn=answer["ARN"], version_id=answer["VersionId"], changed=True, is_new=True
                )
        except AwsRefusedError as err:
            if err.code == _TAKEN:
                return None
            raise self._explained(err, secret) from None

    def _add(self, secret: SecretId, text: str, *, replaced: str | None) -> Outcome:
        try:
            with explain_errors(SECRETS_MANAGER, profile=self._profile, secret=True):
                answer = self._client.put_secret_value(SecretId=secret.text, SecretString=text)
                return Outcome(
                    arn=answer["ARN"],
                    version_id=answer["VersionId"],
                    changed=True,
                    replaced=replaced,
                )
        except AwsRefusedError as err:
            raise self._explained(err, secret) from None

    def _explained(self, err: AwsRefusedError, secret: SecretId) -> AwsRefusedError:
        """Return the error with an explanation for this secret."""
        if err.code == _MISSING:
            return AwsRefusedError(
                f"There is no secret '{secret.text}' in this account and Region. To create a secret,"
                " use a name with --secret, not an ARN.",
                code=err.code,
            )
        if err.code == _INVALID and "deletion" in err.message:
            options = {"--region": self._region, "--profile": self._profile}
            words = ["aws", "secretsmanager", "restore-secret", "--secret-id", secret.text]
            words += [
                word for option, value in options.items() if value for word in (option, value)
            ]
            return AwsRefusedError(
                f"The secret '{secret.text}' is scheduled for deletion. Restore it, and then run store"
                f" again. To restore it, run: {shlex.join(words)}",
                code=err.code,
            )
        return err


def _read(secret: SecretId, current: _CurrentVersion, *, force: bool) -> Fields | None:
    """Return the content of a secret; None if it is something else that is to be replaced."""
    try:
        return Fields.read(current.text)
    except UnexpectedContentError as err:
        if force:
            return None
        raise RefusedError(
            f"The secret '{secret.text}' contains {err}. Nothing was written. Use another --secret, or"
            " replace the content with --force."
        ) from None

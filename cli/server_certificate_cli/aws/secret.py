"""Put material into a Secrets Manager secret, and never overwrite anything else by mistake."""

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
    from collections.abc import Mapping

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
    """A secret's name or ARN, as the user gave it."""

    text: str

    def __post_init__(self) -> None:
        """See that it is one of the two."""
        if self.text.startswith("arn:") and _ARN.fullmatch(self.text) is None:
            raise usage_error(
                f"'{self.text}' is not the ARN of a secret, which looks like {_EXAMPLE}."
            )
        if not self.is_arn and _NAME.fullmatch(self.text) is None:
            raise usage_error(
                f"'{self.text}' cannot be a secret's name: Secrets Manager takes 1 to 512 letters,"
                " digits and /_+=.@-."
            )

    @property
    def is_arn(self) -> bool:
        """Whether it is an ARN; nothing can be created under one."""
        return self.text.startswith("arn:")

    def region(self, named: str | None) -> str | None:
        """
        Return the Region to ask: an ARN says it itself.

        Args:
            named: The Region that the user named.

        Raises:
            click.UsageError: The two differ.
        """
        match = _ARN.fullmatch(self.text)
        if match is None:
            return named
        if named not in {None, match["region"]}:
            raise usage_error(
                f"--region {named} and the secret's ARN, which lies in {match['region']}, contradict"
                " each other. Leave --region out."
            )
        return match["region"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationOptions:
    """What counts for a secret only when it is created."""

    kms_key_id: str | None = None
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def options(self) -> tuple[str, ...]:
        """The options that were given."""
        given = {
            "--kms-key-id": self.kms_key_id,
            "--description": self.description,
            "--tag": self.tags,
        }
        return tuple(option for option, value in given.items() if value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Where the material lies now."""

    arn: str
    version_id: str
    changed: bool
    """False if the secret held the same already."""

    is_new: bool = False
    """Whether the secret was created."""

    replaced: str | None = None
    """The version that was the present one before."""


@dataclass(frozen=True, slots=True)
class _Present:
    """The present version of a secret."""

    arn: str
    version_id: str
    text: str | None = field(repr=False)


class Secrets:
    """Asks Secrets Manager."""

    def __init__(
        self, client: SecretsManagerClient, *, profile: str | None, region: str | None
    ) -> None:
        """
        Take a client.

        Args:
            client: For Secrets Manager.
            profile: The profile that the user named, for sentences.
            region: The Region that the user named, for sentences.
        """
        self._client = client
        self._profile = profile
        self._region = region

    def put(
        self, secret: SecretId, fields: Fields, *, creation: CreationOptions, force: bool
    ) -> Outcome:
        """
        Put material into a secret: create it, or add a version, or find the same there.

        Args:
            secret: The secret.
            fields: The material.
            creation: What counts if it must be created.
            force: Whether something else that it holds may be replaced.

        Raises:
            AwsRefusedError: Secrets Manager does not do it.
            RefusedError: It holds something else.
        """
        text = fields.as_text()
        try:
            present = self._present(secret)
        except AwsRefusedError as err:
            if err.code != ACCESS_DENIED or secret.is_arn:
                raise
            # Where a policy names secrets, one that does not exist is denied, too. Creating it
            # overwrites nothing.
            return self._create_in_place_of(err, secret, text, creation)
        if present is None and not secret.is_arn:
            created = self._create(secret, text, creation)
            if created is not None:
                return created
            # It was created a moment ago, or has no present version.
            present = self._present(secret)
        if present is None:
            return self._add(secret, text, replaced=None)
        try:
            same = Fields.read(present.text).equals(fields)
        except UnexpectedContentError as err:
            if not force:
                raise RefusedError(
                    f"The secret '{secret.text}' holds {err}, so nothing was written. Name another"
                    " one with --secret, or replace what it holds with --force."
                ) from None
            same = False
        if same:
            return Outcome(arn=present.arn, version_id=present.version_id, changed=False)
        return self._add(secret, text, replaced=present.version_id)

    def kms_key_id(self, arn: str) -> str | None:
        """
        Return the KMS key of a secret, as its id, alias or ARN; None for the AWS managed one.

        Raises:
            AwsRefusedError: Secrets Manager does not return it.
        """
        with explain_errors(SECRETS_MANAGER, profile=self._profile):
            return self._client.describe_secret(SecretId=arn).get("KmsKeyId")

    def _present(self, secret: SecretId) -> _Present | None:
        try:
            with explain_errors(SECRETS_MANAGER, profile=self._profile, secret=True):
                answer = self._client.get_secret_value(SecretId=secret.text)
                return _Present(answer["ARN"], answer["VersionId"], answer.get("SecretString"))
        except AwsRefusedError as err:
            if err.code == _MISSING:
                return None
            raise self._told(err, secret) from None

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
            raise self._told(err, secret) from None

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
            raise self._told(err, secret) from None

    def _told(self, err: AwsRefusedError, secret: SecretId) -> AwsRefusedError:
        """Say what a refusal means for this secret."""
        if err.code == _MISSING:
            return AwsRefusedError(
                f"There is no secret '{secret.text}' in this account and Region. To create one, give"
                " --secret a name instead of an ARN.",
                code=err.code,
            )
        if err.code == _INVALID and "deletion" in err.message:
            options = {"--region": self._region, "--profile": self._profile}
            words = ["aws", "secretsmanager", "restore-secret", "--secret-id", secret.text]
            words += [
                word for option, value in options.items() if value for word in (option, value)
            ]
            return AwsRefusedError(
                f"The secret '{secret.text}' is scheduled for deletion. Restore it, then store again:"
                f" {shlex.join(words)}",
                code=err.code,
            )
        return err

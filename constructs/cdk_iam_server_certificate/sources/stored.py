"""Parts that lie where only the function reads them, and what reading each of them takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from aws_cdk import Stack

from cdk_iam_server_certificate.attributes import attribute
from cdk_iam_server_certificate.permissions import Permission
from server_certificate.contract.sources import Source as Key

if TYPE_CHECKING:
    from aws_cdk import IResource
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_secretsmanager as secretsmanager
    from aws_cdk import aws_ssm as ssm


@dataclass(frozen=True, slots=True)
class _Stored:
    """What parts have in common that are not known when the app is synthesised."""

    given: ClassVar[None] = None
    origin: ClassVar[None] = None
    problem: ClassVar[None] = None


@dataclass(frozen=True, slots=True)
class StoredSecret(_Stored):
    """A secret of Secrets Manager, or a field or version of it."""

    secret: secretsmanager.ISecret
    arn: str
    json_field: str | None
    version_id: str | None
    version_stage: str | None

    def render(self) -> dict[str, str]:
        """Return the source as a property of the custom resource."""
        return _rendered(
            {
                Key.SECRET_ARN: self.arn,
                Key.JSON_FIELD: self.json_field,
                Key.VERSION_ID: self.version_id,
                Key.VERSION_STAGE: self.version_stage,
            }
        )

    def permissions(self) -> tuple[Permission, ...]:
        """Return the right to the secret's value, and to its KMS key."""
        # An ARN by name lacks the six characters that Secrets Manager ends it with.
        arn = attribute(self.secret, "secretFullArn") or f"{self.arn}-??????"
        read = Permission(
            sid="ReadSecrets", actions=("secretsmanager:GetSecretValue",), resource=arn
        )
        key = attribute(self.secret, "encryptionKey")
        return (read, *_decrypting(key, "secretsmanager", self.secret))


@dataclass(frozen=True, slots=True)
class StoredParameter(_Stored):
    """A parameter of Systems Manager, or a field or version of it."""

    parameter: ssm.IParameter
    json_field: str | None
    version: int | None
    encryption_key: kms.IKey | None

    def render(self) -> dict[str, str]:
        """Return the source as a property of the custom resource."""
        return _rendered(
            {
                Key.PARAMETER_NAME: self.parameter.parameter_name,
                Key.JSON_FIELD: self.json_field,
                Key.PARAMETER_VERSION: None if self.version is None else str(self.version),
            }
        )

    def permissions(self) -> tuple[Permission, ...]:
        """Return the right to the parameter's value, and to its KMS key."""
        read = Permission(
            sid="ReadParameters",
            actions=("ssm:GetParameter",),
            resource=self.parameter.parameter_arn,
        )
        return (read, *_decrypting(self.encryption_key, "ssm", self.parameter))


@dataclass(frozen=True, slots=True)
class StoredObject(_Stored):
    """An object of S3, or a version of it."""

    bucket: s3.IBucket
    key: str
    version: str | None

    def render(self) -> dict[str, str]:
        """Return the source as a property of the custom resource."""
        return _rendered(
            {
                Key.BUCKET_NAME: self.bucket.bucket_name,
                Key.OBJECT_KEY: self.key,
                Key.OBJECT_VERSION: self.version,
            }
        )

    def permissions(self) -> tuple[Permission, ...]:
        """Return the right to the object, or to its version, and to its KMS key."""
        arn = self.bucket.arn_for_objects(self.key)
        read = (
            Permission(sid="ReadObjects", actions=("s3:GetObject",), resource=arn)
            if self.version is None
            else Permission(
                sid="ReadVersionsOfObjects", actions=("s3:GetObjectVersion",), resource=arn
            )
        )
        return (read, *_decrypting(self.bucket.encryption_key, "s3", self.bucket))


def _rendered(source: dict[Key, str | None]) -> dict[str, str]:
    return {key.value: value for key, value in source.items() if value is not None}


def _decrypting(key: kms.IKey | None, service: str, holder: IResource) -> tuple[Permission, ...]:
    # Of AWS's own key for the service everybody may use it who may use the service.
    if key is None:
        return ()
    # The service decrypts where it holds the source: an import by ARN may name another Region.
    region, suffix = holder.env.region, Stack.of(holder).url_suffix
    return (
        Permission(
            sid=f"DecryptFor{service.title()}",
            actions=("kms:Decrypt",),
            resource=key.key_arn,
            condition=("kms:ViaService", f"{service}.{region}.{suffix}"),
        ),
    )

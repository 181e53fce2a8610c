"""Parts in a secret of Secrets Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdk_iam_server_certificate.attributes import attribute
from cdk_iam_server_certificate.permissions import Permission
from cdk_iam_server_certificate.policy_literals import literal
from cdk_iam_server_certificate.sources.source import (
    PartSource,
    Problem,
    Source,
    decrypting,
    misplaced,
    not_a_key,
    pattern,
    wrong_type,
)
from server_certificate.contract.sources import Source as Key

if TYPE_CHECKING:
    from typing import Self

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_secretsmanager as secretsmanager


class FromSecret(PartSource):
    """A part that a secret may hold."""

    __slots__ = ()

    @classmethod
    def from_secret(
        cls,
        secret: secretsmanager.ISecret,
        *,
        json_field: str | None = None,
        version_id: str | None = None,
        version_stage: str | None = None,
    ) -> Self:
        """
        Take it from a Secrets Manager secret, at deploy time.

        Args:
            secret: The secret. Under a customer-managed KMS key, name the key where the secret is
                imported (``Secret.from_secret_attributes(encryption_key=…)``): decrypting with it
                is granted too. The key's own policy must allow the account's roles to use it.
            json_field: The field of a JSON secret that holds it, as a text.
                Default: the whole secret, text or binary.
            version_id: The version to read. A new one here makes the next deployment an update.
                Default: the version of ``version_stage``.
            version_stage: The staging label to read. Default: ``AWSCURRENT``.
        """
        arn = getattr(secret, "secret_arn", None)
        key = None if arn is None else attribute(secret, "encryptionKey")
        if problem := misplaced(
            secret_arn=arn,
            json_field=json_field,
            version_id=version_id,
            version_stage=version_stage,
        ) or _problem(secret, arn, key, version_id, version_stage):
            return cls(Source(problem=problem))
        keys = {
            Key.SECRET_ARN: arn,
            Key.JSON_FIELD: json_field,
            Key.VERSION_ID: version_id,
            Key.VERSION_STAGE: version_stage,
        }
        return cls(Source(keys=keys, permissions=_permissions(secret, str(arn), key)))


def _problem(
    secret: secretsmanager.ISecret,
    arn: str | None,
    key: kms.IKey | None,
    version_id: str | None,
    version_stage: str | None,
) -> Problem | None:
    if arn is None:
        return wrong_type(
            secret,
            "secret of aws_secretsmanager",
            "Import one with Secret.from_secret_name_v2 or Secret.from_secret_complete_arn.",
        )
    if ":secret:arn:" in arn:
        return Problem(
            f"the secret's name is an ARN, '{secret.secret_name}'.",
            "Import it with Secret.from_secret_complete_arn.",
        )
    if version_id is not None and version_stage is not None:
        return Problem(
            f"version_id '{version_id}' and version_stage '{version_stage}' both name a version of the secret.",
            "Give one of them.",
        )
    return pattern("secret", arn, "letters, digits and /_+=.@-") or not_a_key(key)


def _permissions(
    secret: secretsmanager.ISecret, arn: str, key: kms.IKey | None
) -> tuple[Permission, ...]:
    # An ARN by name lacks the six characters that Secrets Manager ends it with.
    full_arn = attribute(secret, "secretFullArn")
    resource = literal(full_arn) if full_arn else f"{literal(arn)}-??????"
    read = Permission(
        sid="ReadSecrets", actions=("secretsmanager:GetSecretValue",), resource=resource
    )
    return (read, *decrypting(key, "secretsmanager", secret))

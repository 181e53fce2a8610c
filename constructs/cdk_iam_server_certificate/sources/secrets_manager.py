"""Parts from a Secrets Manager secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdk_iam_server_certificate.attributes import attribute, attribute_or_none
from cdk_iam_server_certificate.permissions import Permission
from cdk_iam_server_certificate.policy_literals import literal
from cdk_iam_server_certificate.sources.source import (
    PartSource,
    Problem,
    Source,
    decrypt_permissions,
    kms_key_problem,
    pattern_problem,
    text_problem,
    wrong_type,
)
from server_certificate.contract.sources import Source as Key

if TYPE_CHECKING:
    from typing import Self

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_secretsmanager as secretsmanager


class FromSecret(PartSource):
    """A part whose content can be in a secret."""

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
        Use a Secrets Manager secret, which is read at deploy time.

        Args:
            secret: The secret. It is read in the Region of its ARN, or of the stack if it is imported by
                name. If an imported secret uses a customer managed KMS key, name the key in
                the import (``Secret.from_secret_attributes(encryption_key=…)``), so that the
                function gets permission to decrypt with it. The key policy must allow roles in the
                account to use the key.
            json_field: The field of a JSON secret that contains the text. Default: use the whole
                secret, text or binary.
            version_id: The version to read. Change it to update the certificate with the next
                deployment. Default: the version with ``version_stage``.
            version_stage: The staging label to read. Default: ``AWSCURRENT``.
        """
        arn = attribute_or_none(secret, "secretArn")
        if arn is None:
            fix = "Import it with Secret.from_secret_name_v2 or Secret.from_secret_complete_arn."
            wanted = "secret from aws_secretsmanager"
            return cls(Source(problem=wrong_type(secret, wanted, fix, made_by=cls)))
        key = attribute(secret, "encryptionKey")
        if problem := text_problem(
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
        # The ARN of a secret imported by name lacks the six random characters at its end.
        full_arn = attribute(secret, "secretFullArn")
        return cls(
            Source(
                keys=keys,
                permissions=_permissions(secret, arn, full_arn, key),
                full_secret_arn=full_arn,
            )
        )


def _problem(
    secret: secretsmanager.ISecret,
    arn: str,
    key: kms.IKey | None,
    version_id: str | None,
    version_stage: str | None,
) -> Problem | None:
    if ":secret:arn:" in arn:
        return Problem(
            f"the secret's name is an ARN, '{secret.secret_name}'.",
            "Import it with Secret.from_secret_complete_arn.",
        )
    if version_id is not None and version_stage is not None:
        return Problem(
            f"version_id '{version_id}' and version_stage '{version_stage}' can't be combined.",
            "Remove one of them.",
        )
    return pattern_problem("secret", arn, "letters, digits and /_+=.@-") or kms_key_problem(key)


def _permissions(
    secret: secretsmanager.ISecret, arn: str, full_arn: str | None, key: kms.IKey | None
) -> tuple[Permission, ...]:
    resource = literal(full_arn) if full_arn else f"{literal(arn)}-??????"
    read = Permission(
        sid="ReadSecrets", actions=("secretsmanager:GetSecretValue",), resource=resource
    )
    return (read, *decrypt_permissions(key, "secretsmanager", secret))

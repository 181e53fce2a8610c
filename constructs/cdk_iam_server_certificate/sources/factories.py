"""The factories that sources of several kinds have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cdk_iam_server_certificate.sources.naming_sources import (
    object_source,
    parameter_source,
    secret_source,
)

if TYPE_CHECKING:
    from typing import Self

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_secretsmanager as secretsmanager
    from aws_cdk import aws_ssm as ssm

    from cdk_iam_server_certificate.sources.source import Source


@dataclass(frozen=True, slots=True)
class PartSource:
    """Where a part comes from."""

    _source: Source


class InSecret(PartSource):
    """A part that may lie in a secret."""

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
        return cls(secret_source(secret, json_field, version_id, version_stage))


class InParameter(PartSource):
    """A part that may lie in a parameter."""

    __slots__ = ()

    @classmethod
    def from_parameter(
        cls,
        parameter: ssm.IParameter,
        *,
        json_field: str | None = None,
        version: int | None = None,
        encryption_key: kms.IKey | None = None,
    ) -> Self:
        """
        Take it from a parameter of Systems Manager, at deploy time.

        Args:
            parameter: The parameter, a SecureString for anything confidential: import that with
                ``StringParameter.from_secure_string_parameter_attributes``.
            json_field: The field of a parameter in JSON that holds it, as a text.
                Default: the whole parameter.
            version: The version to read, from 1. A new one here makes the next deployment an
                update. Default: the latest at deploy time.
            encryption_key: The customer-managed KMS key of a SecureString: decrypting with it is
                granted too. Default: none, for a String or one encrypted with ``aws/ssm``, which
                takes no permission.
        """
        return cls(parameter_source(parameter, json_field, version, encryption_key))


class InBucket(PartSource):
    """A part that may lie in an object of S3."""

    __slots__ = ()

    @classmethod
    def from_bucket(
        cls, bucket: s3.IBucket, key: str, *, object_version: str | None = None
    ) -> Self:
        """
        Take it from an object of S3, at deploy time.

        Args:
            bucket: The bucket. If it has a customer-managed KMS key, name that where the bucket is
                imported (``Bucket.from_bucket_attributes(encryption_key=…)``): decrypting with it
                is granted too.
            key: The object's key. Up to 4 MiB are read.
            object_version: The version to read. A new one here makes the next deployment an
                update. Default: the latest at deploy time.
        """
        return cls(object_source(bucket, key, object_version))

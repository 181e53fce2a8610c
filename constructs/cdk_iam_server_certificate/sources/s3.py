"""Parts from an S3 object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdk_iam_server_certificate.permissions import Permission
from cdk_iam_server_certificate.policy_literals import literal
from cdk_iam_server_certificate.sources.source import (
    PartSource,
    Problem,
    Source,
    decrypt_permissions,
    kms_key_problem,
    text_problem,
    wrong_type,
)
from server_certificate.contract.sources import Source as Key

if TYPE_CHECKING:
    from typing import Self

    from aws_cdk import aws_s3 as s3


class FromBucket(PartSource):
    """A part whose content can be in an S3 object."""

    __slots__ = ()

    @classmethod
    def from_bucket(
        cls, bucket: s3.IBucket, key: str, *, object_version: str | None = None
    ) -> Self:
        """
        Use an S3 object, which is read at deploy time.

        Args:
            bucket: The bucket. If an imported bucket uses a customer managed KMS key, name the key in
                the import (``Bucket.from_bucket_attributes(encryption_key=…)``), so that the
                function gets permission to decrypt with it.
            key: The key of the object. The object can have at most 4 MiB. ``*`` and ``${…}`` in the key
                are escaped in the function's policy, even if the key is only known at deploy time.
            object_version: The version to read. Change it to update the certificate with the next
                deployment. Default: the latest version at deploy time.
        """
        if problem := text_problem(
            bucket_name=getattr(bucket, "bucket_name", None),
            key=key or None,
            object_version=object_version,
        ) or _problem(cls, bucket, key):
            return cls(Source(problem=problem))
        keys = {
            Key.BUCKET_NAME: bucket.bucket_name,
            Key.OBJECT_KEY: key,
            Key.OBJECT_VERSION: object_version,
        }
        return cls(Source(keys=keys, permissions=_permissions(bucket, key, object_version)))


def _problem(made_by: type, bucket: s3.IBucket, key: str) -> Problem | None:
    if not hasattr(bucket, "bucket_arn"):
        fix = "Import it with Bucket.from_bucket_name."
        return wrong_type(bucket, "bucket from aws_s3", fix, made_by=made_by)
    if not key:
        return Problem("the object key is empty.", "Provide the key of an object.")
    return kms_key_problem(bucket.encryption_key)


def _permissions(bucket: s3.IBucket, key: str, version: str | None) -> tuple[Permission, ...]:
    arn = literal(bucket.arn_for_objects(key))
    read = (
        Permission(sid="ReadObjects", actions=("s3:GetObject",), resource=arn)
        if version is None
        else Permission(sid="ReadVersionsOfObjects", actions=("s3:GetObjectVersion",), resource=arn)
    )
    return (read, *decrypt_permissions(bucket.encryption_key, "s3", bucket))

"""Parts in an object of S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdk_iam_server_certificate.permissions import Permission
from cdk_iam_server_certificate.policy_literals import literal
from cdk_iam_server_certificate.sources.source import (
    PartSource,
    Problem,
    Source,
    decrypting,
    misplaced,
    not_a_key,
    wrong_type,
)
from server_certificate.contract.sources import Source as Key

if TYPE_CHECKING:
    from typing import Self

    from aws_cdk import aws_s3 as s3


class FromBucket(PartSource):
    """A part that an object of a bucket may hold."""

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
            key: The object's key, taken literally: ``*`` and ``${…}`` in it are no wildcard and no
                variable in the function's policy, even if it is known at deploy time only. Up to
                4 MiB are read.
            object_version: The version to read. A new one here makes the next deployment an
                update. Default: the latest at deploy time.
        """
        if problem := misplaced(
            bucket_name=getattr(bucket, "bucket_name", None), key=key, object_version=object_version
        ) or _problem(bucket, key):
            return cls(Source(problem=problem))
        keys = {
            Key.BUCKET_NAME: bucket.bucket_name,
            Key.OBJECT_KEY: key,
            Key.OBJECT_VERSION: object_version,
        }
        return cls(Source(keys=keys, permissions=_permissions(bucket, key, object_version)))


def _problem(bucket: s3.IBucket, key: str) -> Problem | None:
    if not hasattr(bucket, "bucket_arn"):
        return wrong_type(bucket, "bucket of aws_s3", "Import one with Bucket.from_bucket_name.")
    if not key:
        return Problem("the key of the object is empty.", "Give the key of one object.")
    return not_a_key(bucket.encryption_key)


def _permissions(bucket: s3.IBucket, key: str, version: str | None) -> tuple[Permission, ...]:
    arn = literal(bucket.arn_for_objects(key))
    read = (
        Permission(sid="ReadObjects", actions=("s3:GetObject",), resource=arn)
        if version is None
        else Permission(sid="ReadVersionsOfObjects", actions=("s3:GetObjectVersion",), resource=arn)
    )
    return (read, *decrypting(bucket.encryption_key, "s3", bucket))

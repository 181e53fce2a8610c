"""Read parts from S3 objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.reading.files import MAX_FILE_BYTES
from server_certificate_handler.errors import SourceUnreadableError
from server_certificate_handler.sources.access import SourceAccess

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import GetObjectRequestTypeDef

    from server_certificate.contract.sources import StoredObject


_KEY = (
    "If the object is encrypted with a customer-managed KMS key, name the key in the app, so that"
    " the role gets kms:Decrypt on it: Bucket.from_bucket_attributes(…, encryption_key=…)."
)


def object_content(source: StoredObject, client: S3Client) -> bytes:
    """
    Return the content of an object of up to 4 MiB, more than any certificate with its chain.

    Raises:
        SourceUnreadableError: It is missing, unreadable or too large.
    """
    request: GetObjectRequestTypeDef = {"Bucket": source.bucket, "Key": source.key}
    if source.version:
        request["VersionId"] = source.version
    content = _access(source).call_service(
        lambda: client.get_object(**request)["Body"].read(MAX_FILE_BYTES + 1)
    )
    if len(content) > MAX_FILE_BYTES:
        raise SourceUnreadableError(
            f"The {source.description} is larger than the limit of {MAX_FILE_BYTES:,} bytes. Check"
            " the key."
        )
    return content


def _access(source: StoredObject) -> SourceAccess:
    return SourceAccess(
        subject=source.description,
        service="S3",
        limits="A bucket name has 3 to 63 characters, a key up to 1,024 bytes"
        + (f" (version ID: '{source.version}')." if source.version else "."),
        denied="If the role can't list the bucket, S3 returns the same error for an object that"
        f" doesn't exist, so check the bucket and the key. {_KEY}",
        explain=lambda code, message: _explain(source, code, message),
    )


def _explain(source: StoredObject, code: str, message: str) -> str | None:
    match code:
        case "NoSuchBucket":
            return f"The bucket '{source.bucket}' doesn't exist. Check the name."
        case "NoSuchKey":
            return f"The bucket '{source.bucket}' has no object '{source.key}'. Check the key."
        case "NoSuchVersion" | "MethodNotAllowed":
            return (
                f"The {source.description} has no version '{source.version}', or this version is a"
                " delete marker. Check the version ID."
            )
        case "InvalidObjectState":
            return f"The {source.description} is archived: {message} Restore it first."
        case _ if code.startswith("KMS."):
            return (
                f"The {source.description} can't be decrypted: {message}"
                f" Its KMS key must exist and be enabled. {_KEY}"
            )
        case _:
            return None

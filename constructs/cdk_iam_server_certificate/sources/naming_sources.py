"""Make sources of what a user names, or say what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cdk_iam_server_certificate.sources.source import Problem, Source, Unusable
from cdk_iam_server_certificate.sources.stored import StoredObject, StoredParameter, StoredSecret

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_secretsmanager as secretsmanager
    from aws_cdk import aws_ssm as ssm


def secret_source(
    secret: secretsmanager.ISecret,
    json_field: str | None,
    version_id: str | None,
    version_stage: str | None,
) -> Source:
    """Return the source of a secret."""
    arn = getattr(secret, "secret_arn", None)
    if arn is None:
        return _no_construct(
            secret,
            "secret of aws_secretsmanager",
            "Import one with Secret.from_secret_name_v2 or Secret.from_secret_complete_arn.",
        )
    if ":secret:arn:" in arn:
        return Unusable(
            Problem(
                f"the secret's name is an ARN, '{secret.secret_name}'.",
                "Import it with Secret.from_secret_complete_arn.",
            )
        )
    if version_id is not None and version_stage is not None:
        return Unusable(
            Problem(
                f"version_id '{version_id}' and version_stage '{version_stage}' both name a version of the secret.",
                "Give one of them.",
            )
        )
    return StoredSecret(secret, arn, json_field, version_id, version_stage)


def parameter_source(
    parameter: ssm.IParameter,
    json_field: str | None,
    version: int | None,
    encryption_key: kms.IKey | None,
) -> Source:
    """Return the source of a parameter."""
    if not hasattr(parameter, "parameter_arn"):
        return _no_construct(
            parameter,
            "parameter of aws_ssm",
            "Import one with StringParameter.from_secure_string_parameter_attributes or"
            " StringParameter.from_string_parameter_name.",
        )
    if version is not None and version < 1:
        return Unusable(
            Problem(f"the version of the parameter is {version}.", "Versions count from 1.")
        )
    return StoredParameter(parameter, json_field, version, encryption_key)


def object_source(bucket: s3.IBucket, key: str, object_version: str | None) -> Source:
    """Return the source of an object."""
    if not hasattr(bucket, "bucket_arn"):
        return _no_construct(bucket, "bucket of aws_s3", "Import one with Bucket.from_bucket_name.")
    if not key:
        return Unusable(Problem("the key of the object is empty.", "Give the key of one object."))
    return StoredObject(bucket, key, object_version)


def key_as_text() -> Source:
    """Return what becomes of a private key that stands in the app or beside it."""
    return Unusable(
        Problem(
            "it stands in the app or in a file, from where it would come into the template.",
            "Store it with the command 'server-certificate store', or in a secret or a SecureString"
            " parameter, and give it with PrivateKeySource.from_secret or .from_parameter.",
        )
    )


def _no_construct(value: Any, wanted: str, fix: str) -> Source:  # noqa: ANN401 - anything at all
    # Not quoted: it may be the secret itself.
    return Unusable(Problem(f"{type(value).__name__} is no {wanted}.", fix))

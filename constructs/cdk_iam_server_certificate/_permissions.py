"""The ARNs that one certificate can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Token

from server_certificate.naming import MAX_NAME_PREFIX_LENGTH

if TYPE_CHECKING:
    from aws_cdk import Stack


def certificate_resources(
    stack: Stack, *, name: str | None, name_prefix: str, path: str
) -> list[str]:
    """
    Return the ARNs under which a resource may store its certificate.

    IAM checks an existing certificate, and an upload, on the ARN with the path; one that does not
    exist on the ARN without it. An explicit name also stands for the names of its contents, which
    a rotation uses on the way.
    """
    if name is None:
        names = [f"{name_prefix}-*"]
    elif Token.is_unresolved(name):
        names = [name, f"{name}-*"]
    else:
        names = [name, f"{name[:MAX_NAME_PREFIX_LENGTH]}-*"]
    paths = list(dict.fromkeys((path, "/")))
    return [
        stack.format_arn(
            service="iam",
            region="",
            resource="server-certificate",
            resource_name=f"{prefix[1:]}{each}",
        )
        if not Token.is_unresolved(prefix)
        else f"arn:{stack.partition}:iam::{stack.account}:server-certificate{prefix}{each}"
        for prefix in paths
        for each in names
    ]

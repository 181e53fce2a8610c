"""The ARNs that one certificate can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_cdk import Stack


def certificate_resources(stack: Stack, *, name: str | None, name_prefix: str) -> list[str]:
    """
    Return the ARNs under which a resource may store its certificate.

    They are bound to names, which are unique in an account whatever the path: IAM checks a
    certificate that exists on the ARN with its path, one that does not on the ARN without, and a
    move on both its ends, of which one has a path that is no longer in the template. Beside a
    declared name stand those of contents, which a rotation uses on the way.
    """
    names = [f"{name_prefix}-*"]
    if name is not None:
        names.insert(0, name)
    return [
        stack.format_arn(
            service="iam", region="", resource="server-certificate", resource_name=f"{path}{each}"
        )
        for path in ("", "*/")
        for each in names
    ]

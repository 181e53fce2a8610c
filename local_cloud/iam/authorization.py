"""The permissions and resources that IAM requires for the server-certificate actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local_cloud.iam.store import ServerCertificateStore

_TAG_FIELDS = "Tags.member."


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission that a call needs: an action, without its service, on a resource."""

    action: str
    resource_arn: str


def needed_permissions(
    action: str, query: Mapping[str, str], store: ServerCertificateStore
) -> tuple[Permission, ...]:
    """
    Return the permissions that a call needs; the first is the one of its own action.

    IAM looks up a certificate to learn its path. If it doesn't exist, IAM knows only its name, so
    a policy that allows only a path denies the call.

    Args:
        action: One of the eight actions.
        query: The call's fields.
        store: The account's certificates.
    """
    if action == "ListServerCertificates":
        return (Permission(action, store.arn(query.get("PathPrefix", "/"), "")),)
    name = query.get("ServerCertificateName", "")
    if action == "UploadServerCertificate":
        arn = store.arn(query.get("Path", "/"), name)
        tagged = any(field.startswith(_TAG_FIELDS) for field in query)
        actions = (action, "TagServerCertificate") if tagged else (action,)
        return tuple(Permission(each, arn) for each in actions)
    certificate = store.find(name)
    if certificate is None:
        return (Permission(action, store.arn("/", name)),)
    arns = [certificate.arn]
    if action == "UpdateServerCertificate":
        new_name = query.get("NewServerCertificateName", certificate.name)
        arns.append(store.arn(query.get("NewPath", certificate.path), new_name))
    return tuple(Permission(action, arn) for arn in dict.fromkeys(arns))

"""The permissions of the function's role, as data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdk_iam_server_certificate.policy_literals import literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


Condition = tuple[str, str, tuple[str, ...]]
"""An operator such as ``StringEquals``, a condition key, and its values."""

Kind = tuple[str, tuple[Condition, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Allowed actions on one resource. Permissions with the same sid have the same actions."""

    sid: str
    """The statement's Sid: letters and digits."""

    actions: tuple[str, ...]

    resource: str
    """An ARN as in a policy: ``*`` and ``?`` are wildcards, and values are escaped with ``literal``."""

    conditions: tuple[Condition, ...] = ()
    """All of them must be true."""

    @property
    def kind(self) -> Kind:
        """The key by which permissions are grouped into statements."""
        return self.sid, self.conditions


def on_certificates(
    certificates_arn: str, *, name: str | None, name_prefix: str
) -> tuple[Permission, ...]:
    """
    Return the permissions on the names that a resource can give its certificate.

    The permissions are limited by name, which is unique in an account across all paths. They can't
    be limited by path: IAM authorizes an existing certificate by the ARN with its path, a missing
    certificate by the ARN without a path, and a move by both ARNs, one of which has a path that is
    no longer in the template. A certificate with a declared name also needs generated names,
    because a renewal uses one temporarily.

    Args:
        certificates_arn: The ARN of the account's certificates up to the path, without the slash.
        name: The declared name; None for a generated name.
        name_prefix: The prefix of the generated names.
    """
    names = [f"{literal(name_prefix)}-*"]
    if name is not None:
        names.insert(0, literal(name))
    return tuple(
        Permission(
            sid="UploadUnderNamesOfThisStack",
            actions=(
                "iam:UploadServerCertificate",
                "iam:UpdateServerCertificate",
                "iam:DeleteServerCertificate",
                "iam:TagServerCertificate",
                "iam:UntagServerCertificate",
            ),
            resource=f"{certificates_arn}/{path}{each}",
        )
        for path in ("", "*/")
        for each in names
    )


def statements(permissions: Iterable[Permission]) -> list[dict[str, Any]]:
    """Return the permissions as policy statements: one for each kind, with all its resources."""
    groups: dict[Kind, list[Permission]] = {}
    for permission in permissions:
        groups.setdefault(permission.kind, []).append(permission)
    seen = Counter[str]()
    made = []
    for group in groups.values():
        sid = group[0].sid
        seen[sid] += 1
        # A Sid must be unique in a policy.
        made.append(_statement(f"{sid}No{seen[sid]}" if seen[sid] > 1 else sid, group))
    return made


def _statement(sid: str, group: list[Permission]) -> dict[str, Any]:
    first = group[0]
    statement: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": _one_or_all(first.actions),
        "Resource": _one_or_all([permission.resource for permission in group]),
    }
    for operator, key, values in first.conditions:
        statement.setdefault("Condition", {}).setdefault(operator, {})[key] = _one_or_all(values)
    return statement


def _one_or_all(texts: Sequence[str]) -> str | list[str]:
    return texts[0] if len(texts) == 1 else list(texts)

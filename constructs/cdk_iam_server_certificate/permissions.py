"""What the function's role may do, as data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdk_iam_server_certificate.policy_literals import literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


Kind = tuple[str, tuple[str, tuple[str, ...]] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Actions on one resource. Those with one sid have the same actions."""

    sid: str
    """Letters and digits; what becomes the statement's Sid."""

    actions: tuple[str, ...]

    resource: str
    """An ARN as policies are written: ``*`` and ``?`` are wildcards, values are ``literal``."""

    condition: tuple[str, tuple[str, ...]] | None = None
    """A condition key and the values of which it must equal one; None for no condition."""

    @property
    def kind(self) -> Kind:
        """What those have in common that make one statement."""
        return self.sid, self.condition


def on_certificates(
    certificates_arn: str, *, name: str | None, name_prefix: str
) -> tuple[Permission, ...]:
    """
    Return the permissions on the names under which a resource may store its certificate.

    They are bound to names, which are unique in an account whatever the path: IAM checks a
    certificate that exists on the ARN with its path, one that does not on the ARN without, and a
    move on both its ends, of which one has a path that is no longer in the template. Beside a
    declared name stand those of contents, which a rotation uses on the way.

    Args:
        certificates_arn: The ARN of an account's certificates up to the path, without its slash.
        name: The declared name; None for a generated one.
        name_prefix: What the names of contents begin with.
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
    """Return permissions as statements of a policy: one for each kind, with all its resources."""
    groups: dict[Kind, list[Permission]] = {}
    for permission in permissions:
        groups.setdefault(permission.kind, []).append(permission)
    seen = Counter[str]()
    made = []
    for group in groups.values():
        sid = group[0].sid
        seen[sid] += 1
        # A Sid stands in a policy once.
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
    if first.condition is not None:
        key, values = first.condition
        statement["Condition"] = {"StringEquals": {key: _one_or_all(values)}}
    return statement


def _one_or_all(texts: Sequence[str]) -> str | list[str]:
    return texts[0] if len(texts) == 1 else list(texts)

"""Tags of a certificate: IAM's rules, and the tags by which a stack knows its own certificates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TAGS = 50
"""Tags of one certificate (IAM quotas); it cannot be raised."""

OWNERSHIP_PREFIX = "cdk-iam-server-certificate:"
"""Keys that begin with this are the construct's own."""

STACK_ID_TAG = OWNERSHIP_PREFIX + "stack-id"
LOGICAL_ID_TAG = OWNERSHIP_PREFIX + "logical-id"
REQUEST_ID_TAG = OWNERSHIP_PREFIX + "request-id"

MAX_USER_TAGS = MAX_TAGS - 3
"""Tags that are left for users beside the ownership tags."""

# \w covers letters and digits of every script, the API's \p{L} and \p{N}; \p{Z} is the separators.
_KEY = re.compile(r"[\w .:/=+\-@\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]{1,128}")
_VALUE = re.compile(r"[\w .:/=+\-@\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]{0,256}")


@dataclass(frozen=True, slots=True)
class Owner:
    """The resource that a certificate belongs to."""

    stack_id: str
    """ARN of the stack."""

    logical_id: str
    """Logical id of the resource in it."""

    def owns(self, tags: Mapping[str, str]) -> bool:
        """Whether the tags of a certificate name this owner."""
        return (
            tags.get(STACK_ID_TAG) == self.stack_id and tags.get(LOGICAL_ID_TAG) == self.logical_id
        )

    def tags(self, *, request_id: str | None = None) -> dict[str, str]:
        """
        Return the ownership tags of a certificate of this owner.

        Args:
            request_id: RequestId of the CloudFormation event that uploads it; None for the tags
                that hold whichever event uploaded it.
        """
        tags = {STACK_ID_TAG: self.stack_id, LOGICAL_ID_TAG: self.logical_id}
        return tags if request_id is None else {**tags, REQUEST_ID_TAG: request_id}


def check_tags(tags: Mapping[str, str]) -> tuple[Finding, ...]:
    """Judge a user's tags by IAM's rules (API reference, Tag; user guide, tagging rules)."""
    findings = []
    if len(tags) > MAX_USER_TAGS:
        findings.append(
            _error(
                "too-many-tags",
                f"there are {len(tags)}; IAM takes {MAX_TAGS}, of which three say which stack owns the certificate.",
                f"Remove {len(tags) - MAX_USER_TAGS}.",
            )
        )
    seen: dict[str, str] = {}
    for key, value in tags.items():
        if not _KEY.fullmatch(key):
            findings.append(
                _error(
                    "tag-key",
                    f"the key '{key}' is not one that IAM takes: 1 to 128 letters, digits, spaces and _.:/=+-@.",
                    "Change the key.",
                )
            )
        elif key.lower().startswith("aws:") or key.startswith(OWNERSHIP_PREFIX):
            findings.append(
                _error(
                    "tag-key-reserved",
                    f"the key '{key}' begins with a reserved prefix.",
                    "Choose another key.",
                )
            )
        elif key.lower() in seen:
            findings.append(
                _error(
                    "tag-keys-by-case",
                    f"the keys '{seen[key.lower()]}' and '{key}' differ by case only, and IAM takes them for one.",
                    "Keep one of them.",
                )
            )
        if not _VALUE.fullmatch(value):
            findings.append(
                _error(
                    "tag-value",
                    f"the value of '{key}' is not one that IAM takes: up to 256 letters, digits, spaces and _.:/=+-@.",
                    "Change the value.",
                )
            )
        seen.setdefault(key.lower(), key)
    return tuple(findings)


def _error(code: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, subject="tags", message=message, fix=fix)

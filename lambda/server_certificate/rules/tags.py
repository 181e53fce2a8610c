"""IAM's rules for the tags that users give a certificate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from server_certificate.contract.ownership import OWN_TAGS, OWNERSHIP_PREFIX
from server_certificate.findings import Rule, Severity, listed
from server_certificate.secrecy import MISPLACED, REMEDY, holds_material

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server_certificate.findings import Finding

MAX_TAGS = 50
"""The maximum number of tags of a certificate (IAM quotas); it can't be raised."""

MAX_USER_TAGS = MAX_TAGS - len(OWN_TAGS)
"""The maximum number of a user's own tags, next to the ownership tags."""

MAX_KEY_LENGTH = 128
"""The maximum length of a tag's key (API reference, Tag)."""

MAX_VALUE_LENGTH = 256
"""The maximum length of a tag's value (API reference, Tag)."""

_TAG = "IAM API reference, Tag"
TOO_MANY_TAGS = Rule(
    code="too-many-tags",
    severity=Severity.ERROR,
    why="A certificate has at most 50 tags. Up to seven of them record which stack owns it.",
    fix="Remove tags, or exclude the certificate from some with `Tags.of(…)`.",
    source="IAM user guide, quotas",
)
TAG_KEY = Rule(
    code="tag-key",
    severity=Severity.ERROR,
    why="A key has 1 to 128 characters: letters, digits, spaces and `_.:/=+-@`.",
    fix="Change the key.",
    source=_TAG,
)
TAG_KEY_RESERVED = Rule(
    code="tag-key-reserved",
    severity=Severity.ERROR,
    why="Keys that begin with `aws:` are reserved by AWS. Keys that begin with"
    " `cdk-iam-server-certificate:` record which stack owns the certificate.",
    fix="Choose a different key.",
    source="IAM user guide, tagging rules",
)
TAG_VALUE = Rule(
    code="tag-value",
    severity=Severity.ERROR,
    why="A value has up to 256 characters: letters, digits, spaces and `_.:/=+-@`.",
    fix="Change the value.",
    source=_TAG,
)
RULES = (TOO_MANY_TAGS, TAG_KEY, TAG_KEY_RESERVED, TAG_VALUE)

_AWS_PREFIX = "aws:"
"""Reserved in any letter case."""

# \w covers letters and digits of every script, the API's \p{L} and \p{N}; the escapes are the
# separators, its \p{Z}.
_CHARACTERS = r"\w .:/=+\-@\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_FORBIDDEN = re.compile(f"[^{_CHARACTERS}]")
_KEY = re.compile(f"[{_CHARACTERS}]{{1,{MAX_KEY_LENGTH}}}")
_VALUE = re.compile(f"[{_CHARACTERS}]{{0,{MAX_VALUE_LENGTH}}}")


def check_tags(tags: Mapping[str, str]) -> tuple[Finding, ...]:
    """
    Check a user's tags by IAM's rules (API reference, Tag; user guide, tagging rules).

    The keys of a server certificate's tags are case-sensitive: ``Team`` and ``team`` are two tags.
    """
    findings: list[Finding] = []
    if len(tags) > MAX_USER_TAGS:
        findings.append(
            TOO_MANY_TAGS.finding(
                "tags",
                f"there are {len(tags)}; IAM accepts {MAX_TAGS}, and {MAX_TAGS - MAX_USER_TAGS} of"
                " them record which stack owns the certificate.",
                f"Remove at least {len(tags) - MAX_USER_TAGS} of them.",
            )
        )
    for key, value in tags.items():
        if holds_material(key):
            findings.append(TAG_KEY.finding("tags", f"a key: {MISPLACED}", REMEDY))
            continue
        findings += _check_key(key)
        if holds_material(value):
            findings.append(TAG_VALUE.finding("tags", f"the value of {key!r}: {MISPLACED}", REMEDY))
        elif not _VALUE.fullmatch(value):
            findings.append(
                TAG_VALUE.finding(
                    "tags",
                    f"the value of {key!r} {_violation(value, MAX_VALUE_LENGTH)}.",
                )
            )
    return tuple(findings)


def _check_key(key: str) -> Iterator[Finding]:
    if not _KEY.fullmatch(key):
        yield TAG_KEY.finding("tags", f"the key {key!r} {_violation(key, MAX_KEY_LENGTH)}.")
        return
    for prefix, start in ((_AWS_PREFIX, key.lower()), (OWNERSHIP_PREFIX, key)):
        if start.startswith(prefix):
            yield TAG_KEY_RESERVED.finding(
                "tags",
                f"the key {key!r} begins with {prefix!r}, which is reserved.",
            )


def _violation(text: str, limit: int) -> str:
    if not text:
        return "is empty"
    if len(text) > limit:
        return f"has {len(text)} characters; IAM accepts at most {limit}"
    forbidden = listed(set(_FORBIDDEN.findall(text)))
    return f"contains {forbidden}; IAM accepts letters, digits, spaces and _.:/=+-@"

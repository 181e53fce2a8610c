"""Tags of a certificate: IAM's rules, and the tags by which a stack knows its own certificates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.findings import Rule, Severity, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server_certificate.findings import Finding

MAX_TAGS = 50
"""Tags of one certificate (IAM quotas); it cannot be raised."""

OWNERSHIP_PREFIX = "cdk-iam-server-certificate:"
"""Keys that begin with this are the construct's own."""

STACK_ID_TAG = OWNERSHIP_PREFIX + "stack-id"
LOGICAL_ID_TAG = OWNERSHIP_PREFIX + "logical-id"
REQUEST_ID_TAG = OWNERSHIP_PREFIX + "request-id"
SOURCE_TAG = OWNERSHIP_PREFIX + "source"
REPLACES_TAG = OWNERSHIP_PREFIX + "replaces"
RETAIN_TAG = OWNERSHIP_PREFIX + "retain"

ADOPTED_TAG = OWNERSHIP_PREFIX + "adopted"
FORMER_TAG = OWNERSHIP_PREFIX + "former"
"""On a certificate that was adopted, until nothing can undo that any more; the second in parts."""

OWN_TAGS = (STACK_ID_TAG, LOGICAL_ID_TAG, REQUEST_ID_TAG, SOURCE_TAG, REPLACES_TAG, RETAIN_TAG)
"""The tags by which a stack knows its certificates, and what became of them."""

MAX_USER_TAGS = MAX_TAGS - len(OWN_TAGS)
"""Tags that are left for users beside those that say whose a certificate is."""

MAX_KEY_LENGTH = 128
"""Characters of a tag's key (API reference, Tag)."""

MAX_VALUE_LENGTH = 256
"""Characters of a tag's value (API reference, Tag)."""

_TAG = "IAM API reference, Tag"
TOO_MANY_TAGS = Rule(
    code="too-many-tags",
    severity=Severity.ERROR,
    why="A certificate has at most 50 tags, up to six of which say which stack owns it.",
    mend="Remove tags, or exclude the certificate from some with `Tags.of(…)`.",
    source="IAM user guide, quotas",
)
TAG_KEY = Rule(
    code="tag-key",
    severity=Severity.ERROR,
    why="A key has 1 to 128 letters, digits, spaces and `_.:/=+-@`.",
    mend="Change the key.",
    source=_TAG,
)
TAG_KEY_RESERVED = Rule(
    code="tag-key-reserved",
    severity=Severity.ERROR,
    why="Keys that begin with `aws:` are AWS's, those with `cdk-iam-server-certificate:` say which"
    " stack owns the certificate.",
    mend="Choose another key.",
    source="IAM user guide, tagging rules",
)
TAG_KEYS_BY_CASE = Rule(
    code="tag-keys-by-case",
    severity=Severity.ERROR,
    why="IAM takes keys that differ by case only for one.",
    mend="Keep one of them.",
    source="IAM user guide, tagging rules",
)
TAG_VALUE = Rule(
    code="tag-value",
    severity=Severity.ERROR,
    why="A value has up to 256 letters, digits, spaces and `_.:/=+-@`.",
    mend="Change the value.",
    source=_TAG,
)
RULES = (TOO_MANY_TAGS, TAG_KEY, TAG_KEY_RESERVED, TAG_KEYS_BY_CASE, TAG_VALUE)

_RESERVED_PREFIXES = ("aws:", OWNERSHIP_PREFIX)


def is_own(key: str) -> bool:
    """Whether a tag is the construct's own, and none of a user; IAM tells no case apart."""
    return key.lower().startswith(OWNERSHIP_PREFIX)


# \w covers letters and digits of every script, the API's \p{L} and \p{N}; the escapes are the
# separators, its \p{Z}.
_CHARACTERS = r"\w .:/=+\-@\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_FORBIDDEN = re.compile(f"[^{_CHARACTERS}]")
_KEY = re.compile(f"[{_CHARACTERS}]{{1,{MAX_KEY_LENGTH}}}")
_VALUE = re.compile(f"[{_CHARACTERS}]{{0,{MAX_VALUE_LENGTH}}}")


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

    def tags(self) -> dict[str, str]:
        """Return the tags of a certificate of this owner."""
        return {STACK_ID_TAG: self.stack_id, LOGICAL_ID_TAG: self.logical_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """How a certificate came into being, as its tags tell."""

    request_id: str | None
    """RequestId of the CloudFormation event that uploaded it, or adopted it last."""

    source: str | None = None
    """Digest of the properties that its material came from; see ``source_digest``."""

    replaces: str | None = None
    """ServerCertificateId of the certificate that it was uploaded to replace; None after a Create."""

    takes_name: bool = False
    """Whether it took its explicit name over from the one that it replaces, which moved aside."""

    retain: bool = False
    """Whether CloudFormation is told to keep it: then nothing but its own Delete removes it."""

    discarded: bool = False
    """Whether the event that uploaded it is about to delete it: then nobody may adopt it."""

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> Provenance:
        """Read the tags of a certificate; what is missing or damaged is unknown."""
        replaces, _, how = tags.get(REPLACES_TAG, "").partition(" ")
        request_id, _, fate = tags.get(REQUEST_ID_TAG, "").partition(" ")
        return cls(
            request_id=request_id or None,
            source=tags.get(SOURCE_TAG),
            replaces=replaces or None,
            takes_name=how == _TAKES_NAME,
            retain=tags.get(RETAIN_TAG) == _TRUE,
            discarded=fate == _DISCARDED,
        )

    def tags(self) -> dict[str, str]:
        """Write it as tags."""
        replaces = f"{self.replaces} {_TAKES_NAME}" if self.takes_name else self.replaces
        request_id = f"{self.request_id} {_DISCARDED}" if self.discarded else self.request_id
        written = {
            REQUEST_ID_TAG: request_id,
            SOURCE_TAG: self.source,
            REPLACES_TAG: replaces,
            RETAIN_TAG: _TRUE if self.retain else None,
        }
        return {key: value for key, value in written.items() if value is not None}


_TRUE = "true"
_TAKES_NAME = "takes-name"
_DISCARDED = "discarded"


def check_tags(tags: Mapping[str, str]) -> tuple[Finding, ...]:
    """Judge a user's tags by IAM's rules (API reference, Tag; user guide, tagging rules)."""
    findings: list[Finding] = []
    if len(tags) > MAX_USER_TAGS:
        findings.append(
            TOO_MANY_TAGS.found(
                "tags",
                f"there are {len(tags)}; IAM takes {MAX_TAGS}, of which"
                f" {MAX_TAGS - MAX_USER_TAGS} say which stack owns the certificate.",
                f"Remove {len(tags) - MAX_USER_TAGS}.",
            )
        )
    seen: dict[str, str] = {}
    for key, value in tags.items():
        findings += _check_key(key)
        first = seen.setdefault(key.lower(), key)
        if first != key:
            findings.append(
                TAG_KEYS_BY_CASE.found(
                    "tags",
                    f"the keys {first!r} and {key!r} differ by case only, and IAM takes them for one.",
                    "Keep one of them.",
                )
            )
        if not _VALUE.fullmatch(value):
            findings.append(
                TAG_VALUE.found(
                    "tags",
                    f"the value of {key!r} {_misfit(value, MAX_VALUE_LENGTH)}.",
                    "Change the value.",
                )
            )
    return tuple(findings)


def _check_key(key: str) -> Iterator[Finding]:
    if not _KEY.fullmatch(key):
        yield TAG_KEY.found(
            "tags", f"the key {key!r} {_misfit(key, MAX_KEY_LENGTH)}.", "Change the key."
        )
        return
    for prefix in _RESERVED_PREFIXES:
        if key.lower().startswith(prefix):
            yield TAG_KEY_RESERVED.found(
                "tags",
                f"the key {key!r} begins with {prefix!r}, which is reserved.",
                "Choose another key.",
            )


def _misfit(text: str, limit: int) -> str:
    if not text:
        return "is empty"
    if len(text) > limit:
        return f"has {len(text)} characters; IAM takes at most {limit}"
    return f"contains {listed(set(_FORBIDDEN.findall(text)))}; IAM takes letters, digits, spaces and _.:/=+-@"

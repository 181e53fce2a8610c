"""Names, paths and ARNs of server certificates: IAM's patterns, and generated names."""

from __future__ import annotations

import re

from server_certificate.findings import Finding, Rule, Severity, listed
from server_certificate.secrecy import MISPLACED, REMEDY, holds_material

MAX_NAME_LENGTH = 128
"""The maximum length of a ServerCertificateName (API reference, UploadServerCertificate)."""

MAX_PATH_LENGTH = 512
"""The maximum length of a Path (API reference, UploadServerCertificate)."""

FINGERPRINT_LENGTH = 16
"""
The number of hexadecimal digits of the fingerprint at the end of a generated name. The first
``RESOURCE_DIGITS`` identify the resource, and the others its content."""

RESOURCE_DIGITS = 6
"""
The number of digits that identify a resource. Many resources can share a readable part, and these
digits tell which of their names belong to one of them. 24 bits are enough for the 1,000
certificates that an account can have, and the other 40 bits for the contents of one resource."""

MAX_NAME_PREFIX_LENGTH = MAX_NAME_LENGTH - FINGERPRINT_LENGTH - len("-")
"""The maximum length of the part of a generated name before the fingerprint."""

MAX_REGION_LENGTH = 20
"""Longer than the name of any Region. Generated names contain it, and it can be unknown at synth."""

MAX_READABLE_LENGTH = MAX_NAME_PREFIX_LENGTH - MAX_REGION_LENGTH - len("-")
"""The maximum length of the part of a generated name before the Region and the fingerprint."""

NAME_PATTERN = Rule(
    code="name-pattern",
    severity=Severity.ERROR,
    why="A ServerCertificateName consists of letters, digits and `_+=,.@-`, and must not be empty.",
    fix="Change the name, or omit it to generate one.",
    source="IAM API reference, UploadServerCertificate, ServerCertificateName",
)
NAME_TOO_LONG = Rule(
    code="name-too-long",
    severity=Severity.ERROR,
    why="A ServerCertificateName has at most 128 characters.",
    fix="Shorten the name, or omit it to generate one.",
    source="IAM API reference, UploadServerCertificate, ServerCertificateName",
)
PATH_PATTERN = Rule(
    code="path-pattern",
    severity=Severity.ERROR,
    why="A path is `/`, or begins and ends with `/` and contains only printable ASCII characters"
    " without spaces.",
    fix="Use a path like `/cloudfront/www/`.",
    source="IAM API reference, UploadServerCertificate, Path",
)
PATH_TOO_LONG = Rule(
    code="path-too-long",
    severity=Severity.ERROR,
    why="A path has at most 512 characters.",
    fix="Shorten the path.",
    source="IAM API reference, UploadServerCertificate, Path",
)
NAME_DECLARED_TWICE = Rule(
    code="name-declared-twice",
    severity=Severity.ERROR,
    why="A ServerCertificateName is unique in an account, in all paths and Regions, so the second"
    " of two certificates could not be uploaded. Names that differ only in case count as the same"
    " name.",
    fix="Give each certificate its own name, or omit the names to generate them.",
    source="IAM API reference, UploadServerCertificate, EntityAlreadyExists",
)
RULES = (NAME_PATTERN, NAME_TOO_LONG, PATH_PATTERN, PATH_TOO_LONG, NAME_DECLARED_TWICE)

_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]+")
_PATH = re.compile(r"/|/[\u0021-\u007E]+/")


def check_name(name: str) -> tuple[Finding, ...]:
    """Check a ServerCertificateName against the API's pattern and length."""
    if not name:
        return (NAME_PATTERN.finding("name", "it is empty."),)
    if holds_material(name):
        return (NAME_PATTERN.finding("name", MISPLACED, REMEDY),)
    findings: list[Finding] = []
    if len(name) > MAX_NAME_LENGTH:
        message = f"{name!r} has {len(name)} characters; IAM accepts at most {MAX_NAME_LENGTH}."
        findings.append(NAME_TOO_LONG.finding("name", message))
    if offending := _offending(name):
        findings.append(NAME_PATTERN.finding("name", offending))
    return tuple(findings)


def check_name_prefix(
    prefix: str, *, max_length: int = MAX_NAME_PREFIX_LENGTH
) -> tuple[Finding, ...]:
    """
    Check the beginning of a generated name.

    Args:
        prefix: The beginning.
        max_length: How many characters the rest of the name leaves for it.
    """
    if not prefix:
        return (NAME_PATTERN.finding("name-prefix", "it is empty.", _PREFIX_FIX),)
    if holds_material(prefix):
        return (NAME_PATTERN.finding("name-prefix", MISPLACED, REMEDY),)
    findings: list[Finding] = []
    if len(prefix) > max_length:
        message = (
            f"{prefix!r} has {len(prefix)} characters, but at most {max_length} are allowed: IAM"
            f" accepts names of up to {MAX_NAME_LENGTH} characters, and"
            f" {MAX_NAME_LENGTH - max_length} are reserved for the rest of the name."
        )
        findings.append(NAME_TOO_LONG.finding("name-prefix", message, "Shorten the prefix."))
    if offending := _offending(prefix):
        findings.append(NAME_PATTERN.finding("name-prefix", offending, _PREFIX_FIX))
    return tuple(findings)


_PREFIX_FIX = "Change the prefix, or omit it to generate the whole name."


def _offending(name: str) -> str | None:
    """Return which characters of a name IAM doesn't accept; None if it accepts all of them."""
    if _NAME.fullmatch(name):
        return None
    offending = listed({character for character in name if not _NAME.fullmatch(character)})
    return f"{name!r} contains {offending}; IAM accepts only letters, digits and _+=,.@-."


def check_path(path: str) -> tuple[Finding, ...]:
    """Check a Path against the API's pattern and length."""
    if holds_material(path):
        return (PATH_PATTERN.finding("path", MISPLACED, REMEDY),)
    findings: list[Finding] = []
    if len(path) > MAX_PATH_LENGTH:
        message = f"it has {len(path)} characters; IAM accepts at most {MAX_PATH_LENGTH}."
        findings.append(PATH_TOO_LONG.finding("path", message))
    if not _PATH.fullmatch(path):
        message = (
            f"{path!r} is not a valid path; IAM accepts '/', or printable ASCII characters without"
            " spaces that begin and end with '/'."
        )
        findings.append(PATH_PATTERN.finding("path", message, _path_fix(path)))
    return tuple(findings)


def _path_fix(path: str) -> str | None:
    inner = path.strip("/")
    proposal = f"/{inner}/" if inner else "/"
    if _PATH.fullmatch(proposal) and len(proposal) <= MAX_PATH_LENGTH:
        return f"Use {proposal!r}."
    return None


def content_name(prefix: str, fingerprint: str) -> str:
    """
    Return the generated name for some content. The same content always gets the same name.

    Args:
        prefix: The readable part; truncated to ``MAX_NAME_PREFIX_LENGTH`` characters.
        fingerprint: Hexadecimal digits; the first ``FINGERPRINT_LENGTH`` are used.
    """
    return f"{prefix[:MAX_NAME_PREFIX_LENGTH]}-{fingerprint[:FINGERPRINT_LENGTH]}"


def is_content_name(name: str, fingerprint: str) -> bool:
    """Return whether a name is generated for a fingerprint, with any readable part."""
    return name.endswith(f"-{fingerprint[:FINGERPRINT_LENGTH]}")


def may_be_content_name(name: str, digits: str) -> bool:
    """Return whether a name can be generated for a fingerprint that begins with some digits."""
    _, _, fingerprint = name.rpartition("-")
    return len(fingerprint) == FINGERPRINT_LENGTH and fingerprint.startswith(digits)


def arn_resource(path: str, name: str) -> str:
    """Return the resource part of a certificate's ARN, ``server-certificate<path><name>``."""
    return f"server-certificate{path}{name}"

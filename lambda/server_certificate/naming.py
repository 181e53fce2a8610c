"""Names, paths and ARNs of server certificates: the patterns of the IAM API and names of our own."""

from __future__ import annotations

import re

from server_certificate.findings import Finding, Rule, Severity, listed
from server_certificate.secrecy import MISPLACED, REMEDY, holds_material

MAX_NAME_LENGTH = 128
"""Characters of ServerCertificateName (API reference, UploadServerCertificate)."""

MAX_PATH_LENGTH = 512
"""Characters of Path (API reference, UploadServerCertificate)."""

FINGERPRINT_LENGTH = 16
"""Hexadecimal digits of the fingerprint that ends a generated name: 64 bits, and an account holds
at most 1,000 certificates."""

MAX_NAME_PREFIX_LENGTH = MAX_NAME_LENGTH - FINGERPRINT_LENGTH - 1
"""Characters that a generated name leaves for its readable part."""

NAME_PATTERN = Rule(
    code="name-pattern",
    severity=Severity.ERROR,
    why="IAM takes letters, digits and `_+=,.@-` in a ServerCertificateName, and no empty one.",
    fix="Change the name, or leave it out to have one generated.",
    source="IAM API reference, UploadServerCertificate, ServerCertificateName",
)
NAME_TOO_LONG = Rule(
    code="name-too-long",
    severity=Severity.ERROR,
    why="A ServerCertificateName has at most 128 characters.",
    fix="Shorten the name, or leave it out to have one generated.",
    source="IAM API reference, UploadServerCertificate, ServerCertificateName",
)
PATH_PATTERN = Rule(
    code="path-pattern",
    severity=Severity.ERROR,
    why="A Path is `/`, or printable ASCII without spaces that begins and ends with `/`.",
    fix="Write it like `/cloudfront/www/`.",
    source="IAM API reference, UploadServerCertificate, Path",
)
PATH_TOO_LONG = Rule(
    code="path-too-long",
    severity=Severity.ERROR,
    why="A Path has at most 512 characters.",
    fix="Shorten the path.",
    source="IAM API reference, UploadServerCertificate, Path",
)
NAME_DECLARED_TWICE = Rule(
    code="name-declared-twice",
    severity=Severity.ERROR,
    why="A ServerCertificateName is unique in its account, whatever the path and the Region, so the"
    " second of two certificates could not be uploaded. Names that differ in case only are not told"
    " apart.",
    fix="Give each its own name, or leave the names out to have them generated.",
    source="IAM API reference, UploadServerCertificate, EntityAlreadyExists",
)
RULES = (NAME_PATTERN, NAME_TOO_LONG, PATH_PATTERN, PATH_TOO_LONG, NAME_DECLARED_TWICE)

_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]+")
_PATH = re.compile(r"/|/[\u0021-\u007E]+/")


def check_name(name: str) -> tuple[Finding, ...]:
    """Judge a ServerCertificateName by the API's pattern and length."""
    if not name:
        return (NAME_PATTERN.finding("name", "it is empty."),)
    if holds_material(name):
        return (NAME_PATTERN.finding("name", MISPLACED, REMEDY),)
    findings: list[Finding] = []
    if len(name) > MAX_NAME_LENGTH:
        message = f"{name!r} has {len(name)} characters; IAM takes at most {MAX_NAME_LENGTH}."
        findings.append(NAME_TOO_LONG.finding("name", message))
    if not _NAME.fullmatch(name):
        offending = listed({character for character in name if not _NAME.fullmatch(character)})
        message = f"{name!r} contains {offending}; IAM takes letters, digits and _+=,.@- only."
        findings.append(NAME_PATTERN.finding("name", message))
    return tuple(findings)


def check_path(path: str) -> tuple[Finding, ...]:
    """Judge a Path by the API's pattern and length."""
    if holds_material(path):
        return (PATH_PATTERN.finding("path", MISPLACED, REMEDY),)
    findings: list[Finding] = []
    if len(path) > MAX_PATH_LENGTH:
        message = f"it has {len(path)} characters; IAM takes at most {MAX_PATH_LENGTH}."
        findings.append(PATH_TOO_LONG.finding("path", message))
    if not _PATH.fullmatch(path):
        message = (
            f"{path!r} is not a path; IAM takes '/', or printable ASCII without spaces that begins"
            " and ends with '/'."
        )
        findings.append(PATH_PATTERN.finding("path", message, _path_fix(path)))
    return tuple(findings)


def _path_fix(path: str) -> str | None:
    inner = path.strip("/")
    proposal = f"/{inner}/" if inner else "/"
    if _PATH.fullmatch(proposal) and len(proposal) <= MAX_PATH_LENGTH:
        return f"Write {proposal!r}."
    return None


def content_name(prefix: str, fingerprint: str) -> str:
    """
    Return the name that belongs to a content: the same content has the same name, another another.

    Args:
        prefix: The readable part; cut to ``MAX_NAME_PREFIX_LENGTH`` characters.
        fingerprint: Hexadecimal digest of the content; its first ``FINGERPRINT_LENGTH`` digits count.
    """
    return f"{prefix[:MAX_NAME_PREFIX_LENGTH]}-{fingerprint[:FINGERPRINT_LENGTH]}"


def is_content_name(name: str, fingerprint: str) -> bool:
    """Return whether a name is one that belongs to a content, whatever its readable part."""
    return name.endswith(f"-{fingerprint[:FINGERPRINT_LENGTH]}")


def arn_resource(path: str, name: str) -> str:
    """Return the resource part of a certificate's ARN, ``server-certificate<path><name>``."""
    return f"server-certificate{path}{name}"

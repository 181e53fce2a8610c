"""Names, paths and ARNs of server certificates: the patterns of the IAM API and names of our own."""

from __future__ import annotations

import re

from server_certificate.findings import Finding, Severity

MAX_NAME_LENGTH = 128
"""Characters of ServerCertificateName (API reference, UploadServerCertificate)."""

MAX_PATH_LENGTH = 512
"""Characters of Path (API reference, UploadServerCertificate)."""

FINGERPRINT_LENGTH = 16
"""Hexadecimal digits of the fingerprint that ends a generated name: 64 bits, and an account holds
at most 1,000 certificates."""

MAX_NAME_PREFIX_LENGTH = MAX_NAME_LENGTH - FINGERPRINT_LENGTH - 1
"""Characters that a generated name leaves for its readable part."""

_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]+")
_PATH = re.compile(r"/|/[\u0021-\u007E]+/")


def check_name(name: str) -> tuple[Finding, ...]:
    """Judge a ServerCertificateName by the API's pattern and length."""
    if len(name) > MAX_NAME_LENGTH:
        return (
            _error(
                "name-too-long",
                "name",
                f"'{name}' has {len(name)} characters; IAM takes at most {MAX_NAME_LENGTH}.",
                "Shorten server_certificate_name, or leave it out to have one generated.",
            ),
        )
    if not _NAME.fullmatch(name):
        offending = "".join(
            sorted({character for character in name if not _NAME.fullmatch(character)})
        )
        what = f"contains {offending!r}" if name else "is empty"
        return (
            _error(
                "name-pattern",
                "name",
                f"'{name}' {what}; IAM takes letters, digits and _+=,.@- only.",
                "Change server_certificate_name, or leave it out to have one generated.",
            ),
        )
    return ()


def check_path(path: str) -> tuple[Finding, ...]:
    """Judge a Path by the API's pattern and length."""
    if len(path) > MAX_PATH_LENGTH:
        return (
            _error(
                "path-too-long",
                "path",
                f"it has {len(path)} characters; IAM takes at most {MAX_PATH_LENGTH}.",
                "Shorten path.",
            ),
        )
    if not _PATH.fullmatch(path):
        proposal = "/" + path.strip("/") + "/" if path.strip("/") else "/"
        mend = (
            f"Write '{proposal}'."
            if _PATH.fullmatch(proposal)
            else "Remove spaces and non-ASCII characters."
        )
        return (
            _error(
                "path-pattern",
                "path",
                f"'{path}' is not a path; IAM takes '/' or printable ASCII that begins and ends with '/'.",
                mend,
            ),
        )
    return ()


def content_name(prefix: str, fingerprint: str) -> str:
    """
    Return the name that belongs to a content: the same content has the same name, another another.

    Args:
        prefix: The readable part; cut to ``MAX_NAME_PREFIX_LENGTH`` characters.
        fingerprint: Hexadecimal digest of the content; its first ``FINGERPRINT_LENGTH`` digits count.
    """
    return f"{prefix[:MAX_NAME_PREFIX_LENGTH]}-{fingerprint[:FINGERPRINT_LENGTH]}"


def arn_resource(path: str, name: str) -> str:
    """Return the resource part of a certificate's ARN, ``server-certificate<path><name>``."""
    return f"server-certificate{path}{name}"


def _error(code: str, subject: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, subject=subject, message=message, fix=fix)

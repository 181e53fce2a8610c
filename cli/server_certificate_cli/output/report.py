"""An assessment as JSON."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from server_certificate.description import describe, describe_private_key
from server_certificate.secrecy import without_material

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server_certificate.assessment import Assessment
    from server_certificate.findings import Finding
    from server_certificate.material import PrivateKey


def as_json(assessment: Assessment, unused: Mapping[str, str] | None = None) -> dict[str, object]:
    """
    Return what was found as an object that JSON can hold.

    Args:
        assessment: What was found.
        unused: Files of a folder that are not used, each with what it holds. Default: there are none.
    """
    leaf, key = assessment.leaf, assessment.private_key
    known = assessment.signatures
    return {
        "accepted": assessment.accepted,
        "accepted_as_is": assessment.accepted_as_is,
        "findings": findings_as_json(assessment.findings),
        "certificate": None if leaf is None else describe(leaf.certificate, known).as_json(),
        "chain": [describe(one.certificate, known).as_json() for one in assessment.chain],
        "private_key": None if key is None else key_as_json(key),
        **({"not_used": dict(unused)} if unused else {}),
    }


def unreadable_as_json(problem: str) -> dict[str, object]:
    """Return the object for something that could not be read, beside others that could."""
    return {
        "accepted": False,
        "accepted_as_is": False,
        "findings": [],
        "certificate": None,
        "chain": [],
        "private_key": None,
        "unreadable": problem,
    }


def findings_as_json(findings: Iterable[Finding]) -> list[Mapping[str, str]]:
    """Return findings as objects that JSON can hold."""
    return [
        {
            "code": finding.code,
            "severity": finding.severity.value,
            "subject": finding.subject,
            "message": finding.message,
            "fix": finding.fix,
        }
        for finding in findings
    ]


def key_as_json(key: PrivateKey) -> Mapping[str, object]:
    """Return what may be said about a private key."""
    kind = describe_private_key(key)
    return {"algorithm": kind.algorithm, "size": kind.size, "encrypted": key.was_encrypted}


def write_json(value: object) -> None:
    """Write a value to standard output, as JSON of ASCII characters only."""
    # Reports for people do without it.
    import json  # noqa: PLC0415

    sys.stdout.write(json.dumps(_without_material(value), indent=2) + "\n")


def _without_material(value: object) -> object:
    """Return a value of JSON without key material in its texts, such as names of files."""
    match value:
        case str():
            return without_material(value)
        case list():
            return [_without_material(item) for item in value]
        case dict():
            return {
                without_material(str(key)): _without_material(item) for key, item in value.items()
            }
    return value

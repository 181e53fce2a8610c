"""The JSON output of the command."""

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


SCHEMA_VERSION = 1
"""
The version of the JSON output of all commands. It changes if a key is removed, or gets another meaning.
New keys don't change it.
"""


def as_json(assessment: Assessment) -> dict[str, object]:
    """Return an assessment as a JSON object."""
    leaf, key = assessment.leaf, assessment.private_key
    known = assessment.signatures
    return {
        "accepted": assessment.accepted,
        "accepted_as_is": assessment.accepted_as_is,
        "findings": findings_as_json(assessment.findings),
        "certificate": None if leaf is None else describe(leaf.certificate, known).as_json(),
        "chain": [describe(one.certificate, known).as_json() for one in assessment.chain],
        "private_key": None if key is None else key_as_json(key),
    }


def target_as_json(
    name: str,
    assessment: Assessment | None,
    *,
    problem: str = "",
    unused: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """
    Return the JSON object for a target. It always has the same keys.

    Args:
        name: The target, as on the command line.
        assessment: The result of the check; None if the target can't be read.
        problem: Why it can't be read; empty if it was read.
        unused: The unused files of a folder, each with a description. Default: none.
    """
    known = _UNREAD if assessment is None else as_json(assessment)
    return {
        "target": name,
        **known,
        "not_used": dict(unused or {}),
        "unreadable": problem or None,
    }


_UNREAD: Mapping[str, object] = {
    "accepted": False,
    "accepted_as_is": False,
    "findings": [],
    "certificate": None,
    "chain": [],
    "private_key": None,
}


def findings_as_json(findings: Iterable[Finding]) -> list[Mapping[str, str]]:
    """Return findings as JSON objects."""
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
    """Return the public properties of a private key as a JSON object."""
    kind = describe_private_key(key)
    return {"algorithm": kind.algorithm, "size": kind.size, "encrypted": key.was_encrypted}


def write_document(**parts: object) -> None:
    """
    Write the JSON object of a command to standard output, with ASCII characters only.

    Args:
        parts: What follows the version of the schema.
    """
    # Imported lazily: only needed for JSON.
    import json  # noqa: PLC0415

    document = _without_material({"schema_version": SCHEMA_VERSION, **parts})
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


def _without_material(value: object) -> object:
    """Return a JSON value without key material, which could be in file names."""
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

"""Describe the files of a folder that are not used, so that none is ignored silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate_cli.local.probe import probe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server_certificate.assessment import Assessment
    from server_certificate_cli.local.probe import Probe

_MOST_READ = 20
"""The maximum number of files to read. Other files are only named."""


def describe_unused(paths: Sequence[str], assessment: Assessment) -> dict[str, str]:
    """
    Describe the content of unused files.

    Args:
        paths: The paths of the files.
        assessment: The result of the check of the files that are used.

    Returns:
        A noun phrase for each file, which is empty if the content is unknown.
    """
    described = {path: _described(probe(path), assessment) for path in paths[:_MOST_READ]}
    return described | dict.fromkeys(paths[_MOST_READ:], "")


def _described(found: Probe, assessment: Assessment) -> str:
    leaf = assessment.leaf.certificate if assessment.leaf else None
    used = {leaf, *(element.certificate for element in assessment.chain)}
    words: list[str] = []
    if found.certificates:
        if leaf in found.certificates:
            words.append("the same certificate")
        elif used.issuperset(found.certificates):
            words.append("certificates that are already used")
        else:
            words.append("another certificate")
    if found.private_keys:
        is_its_own = leaf is not None and found.belongs_to(leaf)
        words.append(f"the private key of {'this' if is_its_own else 'another'} certificate")
    elif found.is_encrypted:
        words.append("encrypted")
    return " and ".join([*words, *found.others])

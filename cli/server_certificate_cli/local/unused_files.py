"""What lies in a folder next to the files that are used, so that nothing is passed over in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate_cli.local.probe import probe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server_certificate.assessment import Assessment
    from server_certificate_cli.local.probe import Probe

_MOST_READ = 20
"""So many files are looked into; further ones are only named."""


def describe_unused(paths: Sequence[str], assessment: Assessment) -> dict[str, str]:
    """
    Say what files that are not used hold.

    Args:
        paths: The files.
        assessment: What was found about those that are used.

    Returns:
        A noun phrase for each, which is empty where there is nothing to say.
    """
    said = {path: _what(probe(path), assessment) for path in paths[:_MOST_READ]}
    return said | dict.fromkeys(paths[_MOST_READ:], "")


def _what(found: Probe, assessment: Assessment) -> str:
    leaf = assessment.leaf.certificate if assessment.leaf else None
    used = {leaf, *(element.certificate for element in assessment.chain)}
    words: list[str] = []
    if found.certificates:
        if leaf in found.certificates:
            words.append("the same certificate")
        elif used.issuperset(found.certificates):
            words.append("certificates that are used already")
        else:
            words.append("another certificate")
    if found.private_keys:
        is_its_own = leaf is not None and found.belongs_to(leaf)
        words.append(f"the private key of {'this' if is_its_own else 'another'} certificate")
    elif found.is_encrypted:
        words.append("encrypted")
    return " and ".join([*words, *found.others])

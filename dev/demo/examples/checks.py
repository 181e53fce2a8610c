"""
The checks: each examines what an example has deployed after a step, and returns what is wrong.

They are pure, and don't use the code that they check: what they expect is written here in full.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dev.certificates.authority import Issued
    from dev.demo.examples.observer import Look, SeenStack
    from dev.demo.examples.scenarios import Example
    from dev.demo.facts import Outcome, StoredCertificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What an example should have deployed after a step."""

    material: Issued | None
    """None if nothing of it should be left."""

    is_renamed: bool = False
    keeps_ids: bool | None = None
    """Whether the certificates are those of the step before; None if there were none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleEvidence:
    """What was observed of an example before, during and after a step."""

    example: Example
    outcome: Outcome
    before: tuple[SeenStack, ...]
    after: tuple[SeenStack, ...]
    held: frozenset[str] = frozenset()
    """The ids of all certificates in IAM after the step."""

    looks: tuple[Look, ...] = ()
    """What was observed during the step, if anything was."""

    deletions: Mapping[str, str] | None = None
    """The errors of manual deletions after the step, by name; None if there were none."""


def mismatches(expected: Expectation, evidence: ExampleEvidence) -> list[str]:
    """Return one sentence for each problem."""
    code = evidence.outcome.exit_code
    wrong = [f"The command ended with exit code {code}."] if code else []
    if expected.material is None:
        return wrong + [f"The stack '{seen.place.name}' is still there." for seen in evidence.after]
    there = {(seen.place.name, seen.construct_id) for seen in evidence.after}
    wrong += [
        f"The stack '{place.name}' has no certificate '{construct_id}'."
        for place in evidence.example.stacks
        for construct_id in evidence.example.certificates
        if (place.name, construct_id) not in there
    ]
    for seen in evidence.after:
        wrong += _wrong_stack(seen, expected.material, expected, evidence)
    if len({_id(seen) for seen in evidence.after}) != len(evidence.after):
        wrong.append("Two resources have the same certificate.")
    return wrong + _wrong_deletions(evidence)


def _wrong_stack(
    seen: SeenStack, material: Issued, expected: Expectation, evidence: ExampleEvidence
) -> list[str]:
    stored = seen.certificate
    if stored is None:
        return [f"The certificate of '{seen.place.name}' is not in IAM."]
    wrong = _wrong_place(stored, seen, evidence.example, is_renamed=expected.is_renamed)
    if (stored.certificate_der, stored.chain_der) != (material.der, material.chain_der()):
        wrong.append(f"'{stored.name}' does not hold what was deployed.")
    wrong += _wrong_service(seen, stored, evidence.example)
    before = next((each for each in evidence.before if _is_same(each, seen)), None)
    if expected.keeps_ids is not None and before is not None:
        wrong += _wrong_id(_id(before), stored.certificate_id, is_kept=expected.keeps_ids)
        if not expected.keeps_ids:
            wrong += _missing(evidence.looks)
            if _id(before) in evidence.held:
                wrong.append(f"{_id(before)} is still in IAM.")
    elif expected.keeps_ids is not None:
        wrong.append(f"'{seen.place.name}' was not there before.")
    return wrong


def _wrong_id(before: str, now: str, *, is_kept: bool) -> list[str]:
    if is_kept and before != now:
        return [f"The id changed from {before} to {now}."]
    return [f"The id is still {now}."] if not is_kept and before == now else []


def _wrong_place(
    stored: StoredCertificate, seen: SeenStack, example: Example, *, is_renamed: bool
) -> list[str]:
    path = example.other_path if is_renamed and example.other_path else example.path
    wrong = [] if stored.path == path else [f"The path is '{stored.path}', not '{path}'."]
    if is_renamed and not example.is_prefix:
        name = example.renamed(seen.place, seen.construct_id)
        return wrong + ([] if stored.name == name else [f"The name is {stored.name}, not {name}."])
    prefix = re.escape(example.name) if is_renamed else ".+"
    if not re.fullmatch(rf"{prefix}-{seen.place.region}-[0-9a-f]{{16}}", stored.name):
        wrong.append(f"The name '{stored.name}' is not a generated one of {seen.place.region}.")
    return wrong


def _wrong_service(seen: SeenStack, stored: StoredCertificate, example: Example) -> list[str]:
    """Compare what the consumer serves with what it should serve."""
    expected = [] if example.serves is None else [example.serves]
    if [served.how for served in seen.served] != expected:
        found = " and ".join(served.how for served in seen.served) or "no consumer"
        return [f"There is {found}, not {example.serves or 'no consumer'}."]
    return [
        f"The consumer refers to {served.reference}, which is not '{stored.name}'."
        for served in seen.served
        if served.reference not in {stored.arn, stored.certificate_id}
    ]


def _missing(looks: tuple[Look, ...]) -> list[str]:
    return [
        f"A consumer referred to {reference}, which IAM did not have."
        for look in looks
        for reference in sorted(look.referred - look.before - look.after)
    ]


def _wrong_deletions(evidence: ExampleEvidence) -> list[str]:
    if evidence.deletions is None or evidence.example.serves is None:
        return []
    return [
        f"Deleting '{name}', which is in use, ended with {error or 'success'}."
        for name, error in evidence.deletions.items()
        if error != "DeleteConflict"
    ]


def _is_same(one: SeenStack, other: SeenStack) -> bool:
    return (one.place, one.construct_id) == (other.place, other.construct_id)


def _id(seen: SeenStack) -> str:
    return seen.certificate.certificate_id if seen.certificate else "nothing"

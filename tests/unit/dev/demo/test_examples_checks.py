"""What the checks of ``make examples`` find."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dev.certificates.authority import Authority
from dev.demo.examples.checks import ExampleEvidence, Expectation, mismatches
from dev.demo.examples.observer import Look, SeenStack, Served
from dev.demo.examples.scenarios import EXAMPLES
from dev.demo.facts import Outcome, StoredCertificate

LONGEST_SECONDS = 1200
EXAMPLE = EXAMPLES[0]
(PLACE,) = EXAMPLE.stacks
OLD_ARN = "arn:aws:iam::111122223333:server-certificate/old"
MATERIAL = Authority.root(at=datetime.now(UTC)).intermediate().leaf("www.example.com")
OTHER = Authority.root(at=datetime.now(UTC)).intermediate().leaf("www.example.com")


def stored(**changes: Any) -> StoredCertificate:  # noqa: ANN401 - any attribute
    """Return the certificate as it is when all is well."""
    name = "Alb-Certificate-1A2B3C4D-eu-central-1-0123456789abcdef"
    plain = StoredCertificate(
        certificate_id="ASCANEW",
        name=name,
        path="/",
        arn=f"arn:aws:iam::111122223333:server-certificate/{name}",
        certificate_der=MATERIAL.der,
        chain_der=MATERIAL.chain_der(),
        tags={},
    )
    return replace(plain, **changes)


NEW_ARN = stored().arn
NEW, OLD = (
    Served(reference=NEW_ARN, how="HTTPS on port 443"),
    Served(reference=OLD_ARN, how="HTTPS on port 443"),
)
BEFORE = SeenStack(
    construct_id="Certificate",
    place=PLACE,
    certificate=stored(certificate_id="ASCAOLD", name="old", arn=OLD_ARN),
    served=(OLD,),
)
BOTH = frozenset({OLD_ARN, NEW_ARN, "ASCAOLD", "ASCANEW"})
MOVED = Look(before=BOTH, referred=frozenset({NEW_ARN}), after=BOTH)


def seen(**changes: Any) -> SeenStack:  # noqa: ANN401 - any attribute
    """Return the stack as it is when all is well."""
    seen = SeenStack(place=PLACE, construct_id="Certificate", certificate=stored(), served=(NEW,))
    return replace(seen, **changes)


def evidence(**changes: Any) -> ExampleEvidence:  # noqa: ANN401 - any attribute
    """Return what is seen around a renewal when all is well."""
    plain = ExampleEvidence(
        example=EXAMPLE,
        outcome=Outcome(),
        before=(BEFORE,),
        after=(seen(),),
        held=frozenset({"ASCANEW"}),
        looks=(MOVED,),
        deletions={"old": "DeleteConflict"},
    )
    return replace(plain, **changes)


ROTATED = Expectation(material=MATERIAL, keeps_ids=False)


def test_nothing_is_wrong_when_all_is_well() -> None:
    """A renewal with the right content, name, consumer and order has no mismatch."""
    assert mismatches(ROTATED, evidence()) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"outcome": Outcome(exit_code=1)}, "The command ended with exit code 1."),
        ({"after": ()}, "The stack 'Alb' has no certificate 'Certificate'."),
        ({"after": (seen(certificate=None),)}, "The certificate of 'Alb' is not in IAM."),
        (
            {"after": (seen(certificate=stored(path="/x/")),)},
            "The path is '/x/', not '/'.",
        ),
        (
            {"after": (seen(certificate=stored(name="www")),)},
            "The name 'www' is not a generated one of eu-central-1.",
        ),
        (
            {"after": (seen(certificate=stored(chain_der=())),)},
            f"'{stored().name}' does not hold what was deployed.",
        ),
        (
            {"after": (seen(served=()),)},
            "There is no consumer, not HTTPS on port 443.",
        ),
        (
            {"after": (seen(served=(replace(NEW, how="HTTP on port 80"),)),)},
            "There is HTTP on port 80, not HTTPS on port 443.",
        ),
        (
            {"after": (seen(served=(OLD,)),)},
            f"The consumer refers to {OLD_ARN}, which is not '{stored().name}'.",
        ),
        (
            {"after": (seen(certificate=stored(certificate_id="ASCAOLD")),)},
            "The id is still ASCAOLD.",
        ),
        ({"before": ()}, "'Alb' was not there before."),
        ({"after": (seen(), seen())}, "Two resources have the same certificate."),
        ({"held": BOTH}, "ASCAOLD is still in IAM."),
        (
            {
                "looks": (
                    MOVED,
                    Look(
                        before=frozenset({NEW_ARN}),
                        referred=frozenset({OLD_ARN}),
                        after=frozenset({NEW_ARN}),
                    ),
                )
            },
            f"A consumer referred to {OLD_ARN}, which IAM did not have.",
        ),
        (
            {"deletions": {"old": ""}},
            "Deleting 'old', which is in use, ended with success.",
        ),
    ],
)
def test_what_is_wrong_is_found(changes: dict[str, Any], sentence: str) -> None:
    """Each deviation from a renewal that went well has its sentence."""
    assert sentence in mismatches(ROTATED, evidence(**changes))


def test_other_content_is_found() -> None:
    """The certificate of another renewal is not taken for this one's."""
    expected = replace(ROTATED, material=OTHER)
    assert f"'{stored().name}' does not hold what was deployed." in mismatches(expected, evidence())


def test_renaming_is_judged_by_name_path_and_id() -> None:
    """After a renaming the id is the old one, under the new name and path."""
    renamed = stored(certificate_id="ASCAOLD", name="alb-www", path="/shop/", arn=NEW_ARN)
    expected = Expectation(material=MATERIAL, is_renamed=True, keeps_ids=True)
    well = evidence(after=(seen(certificate=renamed),), looks=())
    assert mismatches(expected, well) == []
    wrong = mismatches(expected, evidence(looks=()))
    assert wrong == [
        "The path is '/', not '/shop/'.",
        f"The name is {stored().name}, not alb-www.",
        "The id changed from ASCAOLD to ASCANEW.",
    ]


def test_stack_that_is_still_there_is_found() -> None:
    """After the end no stack may be there."""
    gone = Expectation(material=None)
    assert mismatches(gone, evidence(after=())) == []
    assert mismatches(gone, evidence()) == ["The stack 'Alb' is still there."]

"""What becomes of a name that a neighbour in the stack has."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dev.certificates.authority import NOW
from server_certificate.contract.ownership import Provenance
from server_certificate_handler.adoption import Adoption
from server_certificate_handler.neighbour import Stance, stance
from server_certificate_handler.occasion import Occasion, ResourceState
from server_certificate_handler.stored_certificate import StoredCertificate

HOLDER = "ASCAQXRQ45OGOXN4H7UIZ"
OTHER = "ASCAOTHER000000000000"
BEFORE, AFTER = NOW - timedelta(hours=1), NOW + timedelta(seconds=1)


def stored(*, retain: bool = False) -> StoredCertificate:
    """Write the holder; it was uploaded to replace another."""
    made = Provenance(request_id="request", replaces=OTHER, retain=retain)
    return StoredCertificate(
        certificate_id=HOLDER,
        name="www",
        path="/",
        arn="arn:aws:iam::111122223333:server-certificate/www",
        public=None,
        tags=made.tags(),
        upload_date=None,
    )


@pytest.mark.parametrize(
    ("state", "occasion", "expected"),
    [
        # Changed by the operation, or not.
        (ResourceState(HOLDER, "CREATE_COMPLETE", AFTER), Occasion.ROLLBACK, Stance.MAKES_WAY),
        (ResourceState(HOLDER, "UPDATE_IN_PROGRESS", AFTER), Occasion.ROLLBACK, Stance.MAKES_WAY),
        (ResourceState(HOLDER, "CREATE_COMPLETE", NOW), Occasion.ROLLBACK, Stance.MAKES_WAY),
        (ResourceState(HOLDER, "CREATE_COMPLETE", BEFORE), Occasion.ROLLBACK, Stance.KEEPS),
        (ResourceState(HOLDER, "CREATE_COMPLETE"), Occasion.ROLLBACK, Stance.KEEPS),
        # On the way there what is done keeps the name, and all else may still change.
        (ResourceState(HOLDER, "UPDATE_COMPLETE", AFTER), Occasion.FORWARD, Stance.KEEPS),
        (ResourceState(HOLDER, "UPDATE_IN_PROGRESS", AFTER), Occasion.FORWARD, Stance.OPEN),
        (ResourceState(HOLDER, "UPDATE_COMPLETE", BEFORE), Occasion.FORWARD, Stance.OPEN),
        (ResourceState(HOLDER, "UPDATE_COMPLETE", AFTER), Occasion.UNKNOWN, Stance.KEEPS),
        # A Create that was given up, and one that has no answer yet.
        (ResourceState("web-Taker-1X2Y", "CREATE_FAILED", AFTER), Occasion.ROLLBACK, Stance.GOES),
        (ResourceState("web-Taker-1X2Y", "DELETE_IN_PROGRESS", AFTER), Occasion.ROLLBACK, Stance.GOES),
        (ResourceState("web-Taker-1X2Y", "CREATE_FAILED", BEFORE), Occasion.ROLLBACK, Stance.OPEN),
        (ResourceState("web-Taker-1X2Y", "CREATE_FAILED", AFTER), Occasion.FORWARD, Stance.OPEN),
        (ResourceState("", "CREATE_IN_PROGRESS", AFTER), Occasion.ROLLBACK, Stance.OPEN),
        (ResourceState("", "CREATE_IN_PROGRESS", AFTER), Occasion.FORWARD, Stance.OPEN),
        # An Update that was given up, or is undone already.
        (ResourceState(OTHER, "UPDATE_FAILED", AFTER), Occasion.ROLLBACK, Stance.GOES),
        (ResourceState(OTHER, "UPDATE_COMPLETE", AFTER), Occasion.ROLLBACK, Stance.GOES),
        (ResourceState(OTHER, "UPDATE_COMPLETE", BEFORE), Occasion.ROLLBACK, Stance.OPEN),
        (ResourceState("ASCAYETANOTHER0000000", "UPDATE_COMPLETE", AFTER), Occasion.ROLLBACK, Stance.OPEN),
        (None, Occasion.ROLLBACK, Stance.OPEN),
    ],
)  # fmt: skip
def test_stance(state: ResourceState | None, occasion: Occasion, expected: Stance) -> None:
    """Only what the operation being undone has changed gives the name up."""
    assert stance(state, stored(), occasion=occasion, began_at=NOW) is expected


@pytest.mark.parametrize("physical_id", [OTHER, "web-Taker-1X2Y"])
def test_what_is_kept_for_good_stays(physical_id: str) -> None:
    """What CloudFormation was told to keep goes by its own Delete only."""
    state = ResourceState(physical_id, "CREATE_FAILED", AFTER)
    kept = stored(retain=True)
    assert stance(state, kept, occasion=Occasion.ROLLBACK, began_at=NOW) is Stance.KEEPS


def test_what_was_there_before_keeps_its_name() -> None:
    """A certificate that the neighbour has adopted is given back, and neither moved nor deleted."""
    adopted = replace(stored(), tags=stored().tags | Adoption(at=NOW).tags())
    for state in (
        ResourceState(HOLDER, "CREATE_COMPLETE", AFTER),
        ResourceState(OTHER, "UPDATE_FAILED", AFTER),
    ):
        found = stance(state, adopted, occasion=Occasion.ROLLBACK, began_at=NOW)
        assert found is Stance.KEEPS


def test_without_the_stacks_times_nothing_is_moved() -> None:
    """What cannot be read is read cautiously."""
    state = ResourceState(HOLDER, "CREATE_COMPLETE", AFTER)
    for occasion, expected in (
        (Occasion.ROLLBACK, Stance.KEEPS),
        (Occasion.FORWARD, Stance.OPEN),
    ):
        found = stance(state, stored(), occasion=occasion, began_at=None)
        assert found is expected

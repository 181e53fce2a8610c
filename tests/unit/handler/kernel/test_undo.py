"""What undoes an act, and where its effect does not show any more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server_certificate_handler.kernel.observed import Observed
from server_certificate_handler.kernel.stack import Phase
from server_certificate_handler.kernel.steps import Delete, Move, Retag, Upload
from server_certificate_handler.kernel.undo import undo_of
from support.kernel import (
    CREATE,
    LATER,
    NEXT,
    NOW,
    OLD_NAME,
    STRANGER,
    THEIRS,
    certificate,
    rule,
    stack_state,
    turning,
)

if TYPE_CHECKING:
    from server_certificate_handler.kernel.stack import Stack
    from server_certificate_handler.kernel.steps import Act
    from server_certificate_handler.kernel.stored import StoredCertificate

BEFORE = certificate(tags={"team": "edge", "stage": "test"})
MOVE = Move(BEFORE, "shop", "/edge/")
RETAG = Retag(BEFORE, put={"team": "core", "tier": "1"}, remove=frozenset({"stage"}))
UPLOAD = Upload("www", "/", {})
UPLOADED = certificate(id=NEXT, request_id=NOW)
MARKED = certificate(id=NEXT, request_id=NOW, discarded=True)

NOBODY_HOLDS = stack_state(Phase.ROLLBACK, C="web-C-1ABCDEFGHIJK2 CREATE_FAILED")
IS_HELD = stack_state(Phase.FORWARD, C=f"{NEXT} UPDATE_COMPLETE")


def known(*certificates: StoredCertificate, where: Stack = NOBODY_HOLDS) -> Observed:
    """Write what is known of the names that acts are about."""
    free = dict.fromkeys(("www", "shop"))
    return Observed(by_name={**free, **{each.name: each for each in certificates}}).having_read(
        where
    )


@pytest.mark.parametrize(
    ("act", "observed", "step"),
    [
        rule(
            "a move goes back",
            MOVE,
            known(MOVE.moved),
            Move(MOVE.moved, "www", "/"),
        ),
        rule("what has been moved on does not", MOVE, known(MOVE.moved.moved("shop", "/")), None),
        rule("what has moved elsewhere does not", MOVE, known(), None),
        rule("what has the name by now is another", MOVE, known(replace(MOVE.moved, certificate_id=NEXT)), None),
        rule(
            "tags go back",
            RETAG,
            known(RETAG.retagged),
            turning(RETAG.retagged, BEFORE),
        ),
        rule(
            "tags that somebody has set since stay",
            RETAG,
            known(RETAG.retagged.retagged({"cost": "42"}, ())),
            turning(RETAG.retagged.retagged({"cost": "42"}, ()), BEFORE.retagged({"cost": "42"}, ())),
        ),
        rule("tags that were never set do not go back", RETAG, known(BEFORE), None),
        rule("nor those that somebody has changed since", RETAG, known(RETAG.retagged.retagged({"team": "them"}, ())), None),
        rule("nor those that are back already", RETAG, known(RETAG.retagged.retagged({"stage": "x"}, ())), None),
        rule("nor those of another certificate", RETAG, known(replace(RETAG.retagged, certificate_id=NEXT)), None),
        rule("nor those of none", RETAG, known(), None),
        rule("an upload is marked first", UPLOAD, known(UPLOADED), turning(UPLOADED, MARKED)),
        rule("and then deleted", UPLOAD, known(MARKED), Delete(MARKED, is_optional=True)),
        rule("unless another delivery was answered with it", UPLOAD, known(UPLOADED, where=IS_HELD), None),
        rule("then its mark comes off again", UPLOAD, known(MARKED, where=IS_HELD), turning(MARKED, UPLOADED)),
        rule("what has the name may be another events", UPLOAD, known(certificate(request_id=LATER)), None),
        rule("or another stacks", UPLOAD, known(certificate(owner=STRANGER, request_id=NOW)), None),
        rule("or nobodys", UPLOAD, known(THEIRS), None),
        rule("or was there before", UPLOAD, known(certificate(request_id=NOW, adopted=True)), None),
        rule("an upload that was none leaves nothing", UPLOAD, known(), None),
        rule("a deletion is for good", Delete(BEFORE), known(), None),
    ],
)  # fmt: skip
def test_undoing(act: Act, observed: Observed, step: Act | None) -> None:
    """Only where the effect of the act still shows."""
    assert effect(undo_of(act, observed, CREATE)) == effect(step)


def effect(act: Act | None) -> object:
    """Return what is compared: of tags, what becomes of them."""
    return (act.stored, act.retagged) if isinstance(act, Retag) else act


def test_an_upload_is_known_by_its_id() -> None:
    """Without tags, where they follow the upload, nothing else tells."""
    bare = certificate(OLD_NAME, id=NEXT, owner=None)
    observed = replace(known(bare), uploaded=frozenset({NEXT}))
    step = undo_of(Upload(OLD_NAME, "/", {}), observed, CREATE)
    assert isinstance(step, Retag)
    assert step.retagged.provenance.discarded
    assert step.retagged.provenance.request_id == NOW

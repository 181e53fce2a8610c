"""The decisions of the life cycle, as a table: what is known of IAM, what is wanted, what to do next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import NOW, Authority
from server_certificate.contract.ownership import Owner, Provenance
from server_certificate_handler.adoption import Adoption
from server_certificate_handler.errors import (
    AdoptionRefusedError,
    CertificateMissingError,
    NameTakenError,
    UndoneMeanwhileError,
)
from server_certificate_handler.lifecycle import (
    Adopt,
    Ask,
    Discard,
    GiveBack,
    Goal,
    Identity,
    Look,
    Move,
    Retag,
    Settle,
    Upload,
    View,
    next_step,
    recognise,
    target,
)
from server_certificate_handler.stored_certificate import StoredCertificate
from support.elements import public_of

if TYPE_CHECKING:
    from server_certificate.material import PublicMaterial

AUTHORITY = Authority.root().intermediate()
OWNER = Owner(
    stack_id="arn:aws:cloudformation:eu-central-1:111122223333:stack/web/1", logical_id="C"
)
IDENTITY = Identity(owner=OWNER, name_prefix="web-C")
REQUEST = "request-now"
OLD, NEW = public_of(AUTHORITY.leaf()), public_of(AUTHORITY.leaf())
OLD_NAME, NEW_NAME = IDENTITY.content_name(OLD), IDENTITY.content_name(NEW)


def stored(
    name: str,
    content: PublicMaterial | None = OLD,
    *,
    certificate_id: str = "ASCAOLD",
    tags: dict[str, str] | None = None,
    request_id: str = "request-then",
    source: str = "wanted",
    replaces: str | None = None,
    discarded: bool = False,
    path: str = "/",
) -> StoredCertificate:
    """Write a certificate as IAM has it; one's own if no tags are given."""
    provenance = Provenance(
        request_id=request_id, source=source, replaces=replaces, discarded=discarded
    )
    return StoredCertificate(
        certificate_id=certificate_id,
        name=name,
        path=path,
        arn=f"arn:aws:iam::111122223333:server-certificate{path}{name}",
        public=content,
        tags=OWNER.tags() | provenance.tags() if tags is None else tags,
        upload_date=None,
    )


def view(*certificates: StoredCertificate, free: tuple[str, ...] = ()) -> View:
    """Write what is known."""
    known: dict[str, StoredCertificate | None] = dict.fromkeys(free)
    return View({**known, **{each.name: each for each in certificates}})


CREATE = Goal(
    identity=IDENTITY,
    request_id=REQUEST,
    explicit_name="www",
    path="/",
    tags={},
    source="wanted",
    public=OLD,
)
UPDATE = replace(CREATE, physical_id="ASCAOLD", former_name="www")
ROTATE = replace(UPDATE, public=NEW)
ROLL_BACK = replace(UPDATE, physical_id="ASCANEW", public=None, recognised="ASCAOLD")
GENERATED = replace(CREATE, explicit_name=None)

MINE = Provenance(request_id=REQUEST, source="wanted")
BESIDE = Provenance(request_id=REQUEST, source="wanted", replaces="ASCAOLD", takes_name=True)
FOREIGN = stored("www", NEW, certificate_id="ASCAFOREIGN", tags={"team": "them"})
MOVED_IN = stored("www", NEW, certificate_id="ASCANEW", request_id=REQUEST, replaces="ASCAOLD")
ASIDE = stored(OLD_NAME)
NEIGHBOUR = stored(
    "www",
    NEW,
    certificate_id="ASCANEIGHBOUR",
    tags=Owner(stack_id=OWNER.stack_id, logical_id="Neighbour").tags(),
)
GUEST_NAME = IDENTITY.guest_name(NEW, logical_id="Neighbour")
ADOPT = replace(CREATE, adopts_at=NOW)
ADOPTION = Adoption(at=NOW, path="/theirs/", added=("team",))
THEIRS = stored("www", tags={"team": "them"})
BORROWED = replace(stored("www"), tags=stored("www").tags | ADOPTION.tags())
ADOPTED = replace(BORROWED, tags=BORROWED.tags | MINE.tags())
MAKES_WAY, KEEPS = {"ASCANEIGHBOUR": True}, {"ASCANEIGHBOUR": False}


@pytest.mark.parametrize(
    ("known", "goal", "step"),
    [
        # A Create trusts that the name is free, until IAM says otherwise.
        (View(looks_first=False), CREATE, Upload("www", MINE)),
        (View(looks_first=False), GENERATED, Upload(OLD_NAME, MINE)),
        (View(), CREATE, Look("www")),
        (view(free=("www",)), CREATE, Look(OLD_NAME)),
        (view(free=("www", OLD_NAME)), CREATE, Upload("www", MINE)),
        # Another delivery of the event has been here.
        (view(stored("www", request_id=REQUEST)), CREATE, None),
        (
            view(stored(OLD_NAME, request_id=REQUEST)),
            CREATE,
            Move(stored(OLD_NAME, request_id=REQUEST), "www", "/"),
        ),
        # In place: name, path, both, or nothing.
        (view(stored("www")), UPDATE, None),
        (view(stored("shop")), UPDATE, Move(stored("shop"), "www", "/")),
        (view(stored("www", path="/a/")), UPDATE, Move(stored("www", path="/a/"), "www", "/")),
        (view(stored("by-hand"), free=("www",)), UPDATE, Move(stored("by-hand"), "www", "/")),
        # Rotation under one name, step by step, from wherever an earlier delivery has stopped.
        (view(stored("www")), ROTATE, Look(NEW_NAME)),
        (view(stored("www"), free=(NEW_NAME,)), ROTATE, Upload(NEW_NAME, BESIDE)),
        (
            view(stored("www"), replace(MOVED_IN, name=NEW_NAME)),
            ROTATE,
            Look(OLD_NAME),
        ),
        (
            view(stored("www"), replace(MOVED_IN, name=NEW_NAME), free=(OLD_NAME,)),
            ROTATE,
            Move(stored("www"), OLD_NAME, "/"),
        ),
        (
            view(ASIDE, replace(MOVED_IN, name=NEW_NAME), free=("www",)),
            ROTATE,
            Move(replace(MOVED_IN, name=NEW_NAME), "www", "/"),
        ),
        (view(ASIDE, MOVED_IN), ROTATE, None),
        # A second upload of the same event goes.
        (
            view(ASIDE, MOVED_IN, replace(MOVED_IN, name=NEW_NAME, certificate_id="ASCATWICE")),
            ROTATE,
            Discard(replace(MOVED_IN, name=NEW_NAME, certificate_id="ASCATWICE")),
        ),
        # Rotation to another name, and of generated names, needs no room.
        (
            view(stored("shop"), free=("www", NEW_NAME)),
            ROTATE,
            Upload("www", Provenance(request_id=REQUEST, source="wanted", replaces="ASCAOLD")),
        ),
        # What another event was about to delete when it was stopped goes.
        (
            view(stored("www"), stored(NEW_NAME, NEW, certificate_id="ASCANEW", discarded=True)),
            ROTATE,
            Discard(stored(NEW_NAME, NEW, certificate_id="ASCANEW", discarded=True)),
        ),
        # A name that somebody gave by hand is no template's: it is taken, and never given back.
        (
            view(stored("www"), free=(NEW_NAME,)),
            replace(ROTATE, former_name=None),
            Upload(NEW_NAME, replace(BESIDE, takes_name=False)),
        ),
        # What was there before comes back; what took its name makes way.
        (view(ASIDE, MOVED_IN), ROLL_BACK, Look(NEW_NAME)),
        (view(ASIDE, MOVED_IN, free=(NEW_NAME,)), ROLL_BACK, Move(MOVED_IN, NEW_NAME, "/")),
        (
            view(ASIDE, replace(MOVED_IN, name=NEW_NAME), free=("www",)),
            ROLL_BACK,
            Move(ASIDE, "www", "/"),
        ),
        (view(stored("www"), replace(MOVED_IN, name=NEW_NAME)), ROLL_BACK, None),
        # What is undone may have been uploaded twice: the second goes, so that the first can move.
        (
            view(ASIDE, MOVED_IN, replace(MOVED_IN, name=NEW_NAME, certificate_id="ASCATWICE")),
            ROLL_BACK,
            Discard(replace(MOVED_IN, name=NEW_NAME, certificate_id="ASCATWICE")),
        ),
        # A neighbour in the stack is asked, and moved where its content has a name.
        (view(NEIGHBOUR, free=(OLD_NAME,)), CREATE, Ask(NEIGHBOUR)),
        (view(stored("shop"), NEIGHBOUR), UPDATE, Ask(NEIGHBOUR)),
        (view(stored("shop"), NEIGHBOUR), replace(UPDATE, makes_way=MAKES_WAY), Look(GUEST_NAME)),
        (
            view(stored("shop"), NEIGHBOUR, free=(GUEST_NAME,)),
            replace(UPDATE, makes_way=MAKES_WAY),
            Move(NEIGHBOUR, GUEST_NAME, "/"),
        ),
        (
            view(NEIGHBOUR, free=(OLD_NAME, GUEST_NAME)),
            replace(CREATE, makes_way=MAKES_WAY),
            Move(NEIGHBOUR, GUEST_NAME, "/"),
        ),
        # What no stack owns is adopted where that is wanted, and nothing else is uploaded for it.
        (view(THEIRS, free=(OLD_NAME,)), ADOPT, Adopt),
        (
            view(stored("shop"), replace(THEIRS, public=NEW), free=(NEW_NAME,)),
            replace(ROTATE, adopts_at=NOW),
            Adopt,
        ),
        (view(free=("www", OLD_NAME)), ADOPT, Upload("www", MINE)),
        (view(ADOPTED), ADOPT, None),
        (
            view(replace(ADOPTED, path="/theirs/")),
            ADOPT,
            Move(replace(ADOPTED, path="/theirs/"), "www", "/"),
        ),
        # What another event has adopted in vain goes back before anything else happens to it.
        (view(BORROWED, free=(OLD_NAME,)), ADOPT, GiveBack(BORROWED)),
        (view(BORROWED, free=(OLD_NAME,)), CREATE, GiveBack(BORROWED)),
        (
            view(stored("shop"), replace(BORROWED, certificate_id="ASCALEFT")),
            UPDATE,
            GiveBack(replace(BORROWED, certificate_id="ASCALEFT")),
        ),
        # What the resource holds is its own, as soon as no rollback can come any more.
        (view(BORROWED), replace(UPDATE, settles=True), Settle),
        (view(BORROWED), UPDATE, None),
        (
            view(BORROWED),
            replace(UPDATE, physical_id="ASCAOLD", public=None, recognised="ASCAOLD"),
            None,
        ),
        # What goes back with its Delete is not what the resource goes back to.
        (
            view(BORROWED, free=("shop", OLD_NAME)),
            replace(UPDATE, explicit_name="shop", released="ASCAOLD"),
            Upload("shop", replace(MINE, replaces="ASCAOLD")),
        ),
        # Without tags the name that depends on the stack tells whose it is.
        (view(stored(OLD_NAME, tags={}), free=("www",)), CREATE, Retag),
        (view(stored("www", tags={})), replace(CREATE, untaggable=True), Retag),
    ],
)
def test_next_step(known: View, goal: Goal, step: object) -> None:
    """Each state leads to one step, and the goal to none."""
    if isinstance(step, type):
        assert isinstance(next_step(known, goal), step)
    else:
        assert next_step(known, goal) == step


@pytest.mark.parametrize(
    ("known", "goal"),
    [
        (view(FOREIGN, free=(OLD_NAME,)), CREATE),
        (view(stored("shop"), FOREIGN), UPDATE),
        (view(stored("shop"), FOREIGN, free=(NEW_NAME,)), ROTATE),
        (view(stored("www", tags={}), free=(OLD_NAME,)), CREATE),
        (view(stored("www"), replace(FOREIGN, name=NEW_NAME, public=OLD)), ROTATE),
        (
            view(stored("www"), replace(MOVED_IN, name=NEW_NAME), replace(FOREIGN, name=OLD_NAME)),
            ROTATE,
        ),
        (view(ASIDE, FOREIGN), ROLL_BACK),
        (view(stored("shop"), NEIGHBOUR), replace(UPDATE, makes_way=KEEPS)),
        # In place, with the same content, there is nothing to adopt.
        (
            view(stored("shop"), replace(THEIRS, certificate_id="ASCATHEIRS")),
            replace(UPDATE, adopts_at=NOW),
        ),
        # What was there before the operation keeps the name that it had.
        (
            view(stored("shop"), replace(ADOPTED, certificate_id="ASCANEW")),
            replace(ROLL_BACK, request_id="another"),
        ),
    ],
)
def test_somebody_elses_name_is_left(known: View, goal: Goal) -> None:
    """Wherever a foreign certificate is in the way, the event fails and names it."""
    with pytest.raises(NameTakenError, match="is taken by the certificate"):
        next_step(known, goal)


def test_other_content_is_not_adopted() -> None:
    """It is told apart from a name that is merely taken."""
    with pytest.raises(AdoptionRefusedError, match="the declared one"):
        next_step(view(FOREIGN, free=(OLD_NAME,)), ADOPT)


def test_what_was_adopted_is_no_duplicate() -> None:
    """Nothing that was there before is discarded, whoever has the same content."""
    twin = replace(ADOPTED, name=OLD_NAME, certificate_id="ASCATWIN")
    assert next_step(view(stored("www", request_id=REQUEST), twin), CREATE) is None


def test_tags_of_the_template_before_are_no_tags_of_what_was_adopted() -> None:
    """A stranger's tag stays, though the template before had one of that key on another certificate."""
    theirs = replace(ADOPTED, certificate_id="ASCANEW", public=NEW)
    theirs = replace(theirs, tags=theirs.tags | BESIDE.tags() | {"stage": "theirs"})
    goal = replace(ROTATE, adopts_at=NOW, former_tag_keys=frozenset({"stage"}))
    assert next_step(view(stored("shop"), theirs), goal) is None


@pytest.mark.parametrize("place", [0, 1])
def test_what_is_being_undone_is_not_adopted(place: int) -> None:
    """An upload that another delivery of the event is about to delete is no twin, and in the way."""
    names = ["www", OLD_NAME]
    marked = stored(names.pop(place), request_id=REQUEST, discarded=True)
    with pytest.raises(UndoneMeanwhileError, match="is about to delete ASCAOLD"):
        next_step(view(marked, free=tuple(names)), CREATE)


def test_what_is_held_is_never_discarded() -> None:
    """A function may be stopped before it takes its mark off what another delivery had answered."""
    held = stored("www", discarded=True)
    assert next_step(view(held, free=(NEW_NAME,)), ROTATE) == Upload(NEW_NAME, BESIDE)
    step = next_step(view(held), UPDATE)
    assert isinstance(step, Retag)
    assert not step.retagged.provenance.discarded
    assert next_step(view(step.retagged), UPDATE) is None


def test_what_was_recognised_may_disappear() -> None:
    """A certificate that somebody deletes in the middle of a rollback is told."""
    with pytest.raises(CertificateMissingError, match="Continue the rollback"):
        next_step(view(MOVED_IN), ROLL_BACK)


def test_adoption_comes_before_anything_else() -> None:
    """What another event brought in is first made this event's own, with what it replaces now."""
    leftover = stored(NEW_NAME, NEW, certificate_id="ASCANEW", replaces="ASCAELDER")
    step = next_step(view(stored("www"), leftover), ROTATE)
    assert isinstance(step, Retag)
    assert step.retagged.provenance == BESIDE
    known = view(stored("www"), step.retagged, free=(OLD_NAME,))
    assert next_step(known, ROTATE) == Move(stored("www"), OLD_NAME, "/")


def test_tags_of_the_template_follow_it_and_others_stay() -> None:
    """Tags that the former template had go, changed ones change, a stranger's stays."""
    goal = replace(UPDATE, tags={"team": "core"}, former_tag_keys=frozenset({"team", "stage"}))
    held = {"team": "edge", "stage": "test", "cost-centre": "42"}
    certificate = stored("www", tags={**stored("www").tags, **held})
    step = next_step(view(certificate), goal)
    assert isinstance(step, Retag)
    assert (step.put, step.remove) == ({"team": "core"}, {"stage"})
    assert next_step(view(step.retagged), goal) is None
    assert step.back.retagged.tags == certificate.tags


@pytest.mark.parametrize("case", ["Team", "TEAM"])
def test_the_way_back_knows_that_case_does_not_count(case: str) -> None:
    """A key that was set in another case is put back in the case that it had."""
    certificate = stored("www", tags={**stored("www").tags, case: "edge"})
    step = Retag(certificate, {"team": "core"}, frozenset())
    assert step.back.retagged.tags == certificate.tags


@pytest.mark.parametrize(
    ("current", "predecessor", "found"),
    [
        # A replacement is undone: the one before was made by the wanted properties.
        (replace(MOVED_IN, tags=stored("x", source="other").tags), ASIDE, "ASCAOLD"),
        # Nothing was replaced: only name, path or tags.
        (stored("www"), None, "ASCAOLD"),
        # Neither was made by them: their sources must be read.
        (stored("www", source="other"), None, None),
        (stored("www", source="other"), stored(OLD_NAME, source="third"), None),
        # What says so, but is somebody else's, is not believed.
        (
            stored("www", source="other"),
            stored("x", NEW, tags=Provenance(request_id="r", source="wanted").tags()),
            None,
        ),
        (None, None, None),
        # A secret without a version: both were made by the same properties, and the one before counts.
        (MOVED_IN, ASIDE, "ASCAOLD"),
    ],
)
def test_recognition_without_reading(
    current: StoredCertificate | None, predecessor: StoredCertificate | None, found: str | None
) -> None:
    """The digest of the properties tells which certificate they produced."""
    recognised = recognise(current, predecessor, identity=IDENTITY, source="wanted")
    assert (recognised.certificate_id if recognised else None) == found


def test_the_current_certificate_is_preferred_to_a_twin() -> None:
    """Where two certificates have the wanted content, the one that the resource holds stays."""
    twin = stored(OLD_NAME, certificate_id="ASCATWIN")
    found = target(view(stored("shop"), twin), UPDATE)
    assert found is not None
    assert found.certificate_id == "ASCAOLD"


def test_a_neighbours_content_is_no_content_of_ones_own() -> None:
    """Two resources of a stack can have one content: their certificates never want one name."""
    assert IDENTITY.guest_name(OLD, logical_id="Neighbour") != OLD_NAME
    others = IDENTITY.guest_name(OLD, logical_id="Another")
    assert others != IDENTITY.guest_name(OLD, logical_id="Neighbour")


def test_content_names_tell_stacks_apart() -> None:
    """The same content has another name in another stack, which is why the name proves whose it is."""
    other = Identity(owner=replace(OWNER, stack_id=OWNER.stack_id + "2"), name_prefix="web-C")
    assert other.content_name(OLD) != OLD_NAME
    assert not other.owns(stored(OLD_NAME, tags={}))
    assert IDENTITY.owns(stored(OLD_NAME, tags={}))
    assert not IDENTITY.owns(stored(OLD_NAME, None, tags={}))

"""The operations of the fault table, and what happens before each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from dev.simulator.declared import Declared

if TYPE_CHECKING:
    from dev.simulator.declared import Template


@dataclass(frozen=True, slots=True)
class Step:
    """One operation: the template to deploy; without one, the stack is deleted."""

    template: Template | None
    neighbor_fails_after: int | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """An operation, and what happens before it."""

    name: str
    step: Step
    before: tuple[Template, ...] = ()
    roll_back_by_deletion: bool = False

    is_delivered_twice: bool = False
    """
    Whether each event is also delivered again at each call, with a disturbance at each other one. Such
    cases grow with the square of the calls; ``make explore`` tries them in every operation.
    """

    forgotten: int | None = None
    """The leaf whose secrets are deleted before the operation, like a version that is gone."""

    is_there: int | None = None
    """The leaf of a certificate that somebody else has uploaded under the declared name before."""

    replaces_adopted: bool = False
    """Whether an adopted certificate is replaced by new content, and so becomes the stack's own."""


def _one(declared: Declared) -> Template:
    return {"Certificate": declared}


GENERATED: Final = Declared()
WWW: Final = Declared(name="www")
RENEWED: Final = replace(WWW, leaf=1)
IN_SECRET: Final = replace(WWW, in_secret=True)
ADOPTED: Final = replace(WWW, adopt=True, tags=1)

SCENARIOS: Final = (
    Scenario("create", Step(_one(GENERATED))),
    Scenario("create with a name", Step(_one(WWW)), is_delivered_twice=True),
    Scenario("create next to another", Step({**_one(WWW), "Second": GENERATED}), (_one(WWW),)),
    Scenario("create with a wrong key", Step(_one(replace(WWW, breaks=True)))),
    Scenario("create, neighbor fails", Step(_one(WWW), neighbor_fails_after=1)),
    Scenario("rename", Step(_one(replace(WWW, name="shop"))), (_one(WWW),)),
    Scenario("rename to a generated name", Step(_one(GENERATED)), (_one(WWW),)),
    Scenario("re-path", Step(_one(replace(WWW, path="/edge/"))), (_one(WWW),)),
    Scenario("retag", Step(_one(replace(WWW, tags=2))), (_one(replace(WWW, tags=1)),)),
    Scenario(
        "rename, re-path and retag",
        Step(_one(Declared(name="shop", path="/edge/", tags=2))),
        (_one(replace(WWW, tags=1)),),
    ),
    Scenario("other source, same content", Step(_one(IN_SECRET)), (_one(WWW),)),
    Scenario(
        "other source, same content, the old one gone, neighbor fails",
        Step(_one(WWW), neighbor_fails_after=1),
        (_one(IN_SECRET),),
        forgotten=0,
    ),
    Scenario("renew", Step(_one(replace(GENERATED, leaf=1))), (_one(GENERATED),)),
    Scenario("renew under one name", Step(_one(RENEWED)), (_one(WWW),)),
    Scenario(
        "renew, rename and re-path",
        Step(_one(Declared(leaf=1, name="shop", path="/edge/"))),
        (_one(WWW),),
    ),
    Scenario("renew, then revert", Step(_one(WWW)), (_one(WWW), _one(RENEWED))),
    Scenario("renew with a wrong key", Step(_one(replace(RENEWED, breaks=True))), (_one(WWW),)),
    Scenario(
        "rename, neighbor fails",
        Step(_one(replace(WWW, name="shop")), neighbor_fails_after=1),
        (_one(WWW),),
    ),
    Scenario(
        "renew, neighbor fails",
        Step(_one(replace(GENERATED, leaf=1)), neighbor_fails_after=1),
        (_one(GENERATED),),
    ),
    Scenario(
        "renew under one name, neighbor fails",
        Step(_one(RENEWED), neighbor_fails_after=1),
        (_one(WWW),),
    ),
    Scenario(
        "renew from secrets, the old ones gone, neighbor fails",
        Step(_one(replace(RENEWED, in_secret=True)), neighbor_fails_after=1),
        (_one(IN_SECRET),),
        forgotten=0,
    ),
    Scenario(
        "renew under one name, rolled back by Delete alone",
        Step(_one(RENEWED), neighbor_fails_after=1),
        (_one(WWW),),
        roll_back_by_deletion=True,
    ),
    Scenario(
        "pass a name on",
        Step({"Giver": replace(WWW, name="shop"), "Taker": RENEWED}),
        ({"Giver": WWW},),
    ),
    Scenario(
        "pass a name on to a new certificate, neighbor fails",
        Step({"Giver": replace(WWW, name="shop"), "Taker": RENEWED}, neighbor_fails_after=2),
        ({"Giver": WWW},),
    ),
    Scenario(
        "pass a name on in place, neighbor fails",
        Step({"Giver": replace(WWW, name="shop"), "Taker": RENEWED}, neighbor_fails_after=2),
        ({"Giver": WWW, "Taker": replace(RENEWED, name="www-next")},),
    ),
    Scenario(
        "exchange a name between two of one content, neighbor fails",
        Step({"Giver": GENERATED, "Taker": WWW}, neighbor_fails_after=2),
        ({"Giver": WWW, "Taker": GENERATED},),
    ),
    Scenario("adopt", Step(_one(ADOPTED)), is_there=0),
    Scenario("adopt, neighbor fails", Step(_one(ADOPTED), neighbor_fails_after=1), is_there=0),
    Scenario("adopt other content", Step(_one(ADOPTED)), is_there=1),
    Scenario(
        "adopt in place of another",
        Step(_one(ADOPTED)),
        (_one(replace(GENERATED, leaf=1)),),
        is_there=0,
    ),
    Scenario(
        "adopt in place of another, neighbor fails",
        Step(_one(ADOPTED), neighbor_fails_after=1),
        (_one(replace(GENERATED, leaf=1)),),
        is_there=0,
    ),
    Scenario(
        "adopt in place of another, rolled back by Delete alone",
        Step(_one(ADOPTED), neighbor_fails_after=1),
        (_one(replace(GENERATED, leaf=1)),),
        roll_back_by_deletion=True,
        is_there=0,
    ),
    Scenario(
        "adopt, then rename, re-path and retag",
        Step(_one(Declared(name="shop", path="/edge/", tags=2, adopt=True))),
        (_one(ADOPTED),),
        is_there=0,
    ),
    Scenario(
        "adopt, then rename, neighbor fails",
        Step(_one(replace(ADOPTED, name="shop")), neighbor_fails_after=1),
        (_one(ADOPTED),),
        is_there=0,
    ),
    Scenario(
        "adopt, then renew under one name",
        Step(_one(replace(ADOPTED, leaf=1))),
        (_one(ADOPTED),),
        is_there=0,
        replaces_adopted=True,
    ),
    Scenario(
        "adopt, then renew under one name, neighbor fails",
        Step(_one(replace(ADOPTED, leaf=1)), neighbor_fails_after=1),
        (_one(ADOPTED),),
        is_there=0,
    ),
    Scenario("adopt, then delete the stack", Step(None), (_one(ADOPTED),), is_there=0),
    Scenario(
        "adopt, then remove",
        Step({"Second": GENERATED}),
        ({**_one(ADOPTED), "Second": GENERATED},),
        is_there=0,
    ),
    Scenario("move the construct", Step({"Moved": WWW}), (_one(WWW),)),
    Scenario(
        "move the construct, neighbor fails",
        Step({"Moved": WWW}, neighbor_fails_after=1),
        (_one(WWW),),
    ),
    Scenario(
        "move the construct of an adopted one",
        Step({"Moved": ADOPTED}),
        (_one(ADOPTED),),
        is_there=0,
    ),
    Scenario(
        "move the construct of an adopted one, neighbor fails",
        Step({"Moved": ADOPTED}, neighbor_fails_after=1),
        (_one(ADOPTED),),
        is_there=0,
    ),
    Scenario("remove", Step({"Second": GENERATED}), ({**_one(WWW), "Second": GENERATED},)),
    Scenario("delete the stack", Step(None), ({**_one(WWW), "Second": GENERATED},)),
)

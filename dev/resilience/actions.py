"""What happens in a sequence of the search: deployments, disturbances, and what people do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from dev.simulator.declared import (
    LEAVES,
    NAMES,
    PATHS,
    PREFIXES,
    TAGS,
    Declared,
    Renewal,
    Template,
)
from dev.simulator.disturbances import ONLY_ONCE, Disturbance, Extent, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

STACKS: Final = ("web", "shop")
LOGICAL_IDS: Final = ("First", "Second")
ELSEWHERE: Final = "Third"
"""The logical id of a construct that has moved to a new place."""

CHANGEABLE: Final = (
    *("name", "path", "tags", "adopt", "prefix"),
    *("leaf", "leaf", "leaf", "in_secret", "renewal"),
)
"""What changes in a certificate: mostly its content."""

LEAF_NUMBERS = st.integers(0, LEAVES - 1)
_stacks = st.sampled_from(STACKS)
_new_ids = st.sampled_from(LOGICAL_IDS)
_logical_ids = st.sampled_from([*LOGICAL_IDS * 2, ELSEWHERE])
_declared = st.builds(
    Declared,
    leaf=LEAF_NUMBERS,
    name=st.sampled_from(NAMES),
    path=st.sampled_from(PATHS),
    tags=st.integers(0, len(TAGS) - 1),
    in_secret=st.booleans(),
    breaks=st.sampled_from([False] * 7 + [True]),
    adopt=st.sampled_from([False, False, True]),
    prefix=st.sampled_from(PREFIXES),
    renewal=st.sampled_from([None, None, None, *Renewal]),
)
_disturbances = st.one_of(
    st.builds(
        Disturbance,
        st.sampled_from([kind for kind in Kind if kind not in ONLY_ONCE]),
        st.sampled_from(Extent),
    ),
    st.builds(Disturbance, st.sampled_from([kind for kind in Kind if kind in ONLY_ONCE])),
)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The disturbances of an operation."""

    plan: dict[int, Disturbance]
    neighbor_fails_after: int | None = None
    lost_answers: int = 0

    parent_fails: bool = False
    """Whether the stack is a nested one, and its parent fails when it is done: CloudFormation then
    deletes a new one, and rolls every resource of an older one back."""


_circumstances = st.one_of(
    st.just(Circumstances({})),
    st.builds(
        Circumstances,
        st.dictionaries(st.integers(1, 20), _disturbances, min_size=1, max_size=2),
        st.sampled_from([None, None, None, 1]),
    ),
    st.builds(
        Circumstances,
        st.dictionaries(st.integers(1, 20), _disturbances, max_size=1),
        st.sampled_from([None, 0, 1, 1, 2]),
        st.sampled_from([0, 0, 0, 1, 3]),
    ),
    st.builds(
        Circumstances,
        st.dictionaries(st.integers(1, 20), _disturbances, max_size=1),
        parent_fails=st.just(value=True),
    ),
)


@dataclass(frozen=True, slots=True)
class Deploy:
    """Create a stack, or change everything at once."""

    stack: str
    template: Template
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class Change:
    """Rename, re-path, retag or renew, or move the parts to another source."""

    stack: str
    logical_id: str
    what: str
    declared: Declared
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class Renew:
    """The secret of all renewals gets a new version, and a stack is renewed if that is noticed."""

    stack: str
    leaf: int
    breaks: bool
    is_noticed: bool
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class MoveConstruct:
    """A construct moves in the tree: its resource gets another logical id, and perhaps changes as well."""

    stack: str
    logical_id: str
    new_id: str
    what: str | None
    declared: Declared
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove a resource from the template."""

    stack: str
    logical_id: str
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a stack, and try again if that fails."""

    stack: str
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class ArriveLate:
    """Lambda delivers an earlier event again."""

    number: int


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of a certificate are deleted or restored."""

    leaf: int
    are_there: bool


@dataclass(frozen=True, slots=True)
class RenameByHand:
    """Somebody renames a certificate of a stack."""

    stack: str
    logical_id: str
    new_name: str


@dataclass(frozen=True, slots=True)
class DeleteByHand:
    """Somebody deletes a certificate of a stack."""

    stack: str
    logical_id: str


@dataclass(frozen=True, slots=True)
class UploadByHand:
    """Somebody uploads their own certificate, perhaps under a name that a stack declares."""

    name: str
    leaf: int
    is_tagged: bool


@dataclass(frozen=True, slots=True)
class AdoptByName:
    """Somebody has uploaded what a stack declares, and the stack adopts it."""

    stack: str
    logical_id: str
    name: str
    declared: Declared
    is_tagged: bool
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class RemoveByHand:
    """Somebody deletes a certificate that no stack owns."""


@dataclass(frozen=True, slots=True)
class Untag:
    """Somebody removes the construct's tags from a certificate of a stack."""

    stack: str
    logical_id: str


@dataclass(frozen=True, slots=True)
class ChangeTags:
    """Somebody changes the values of the tags that a stack has declared."""

    stack: str
    logical_id: str


@dataclass(frozen=True, slots=True)
class Point:
    """Somebody tags a stack's certificate as the replacement of one that is not the stack's."""

    stack: str
    logical_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Forge:
    """Somebody copies the construct's tags from a certificate of a stack to one that is not the stack's."""

    stack: str
    logical_id: str
    is_adopted: bool


ByHand = (
    Secrets
    | RenameByHand
    | DeleteByHand
    | UploadByHand
    | RemoveByHand
    | Untag
    | ChangeTags
    | Point
    | Forge
)
"""What people do outside deployments."""

Action = (
    Deploy | Change | Renew | MoveConstruct | Remove | Delete | ArriveLate | AdoptByName | ByHand
)

_changes = st.builds(
    Change,
    _stacks,
    _logical_ids,
    st.sampled_from(CHANGEABLE),
    _declared,
    _circumstances,
)
_moves = st.builds(
    MoveConstruct,
    _stacks,
    _logical_ids,
    _logical_ids,
    st.one_of(st.none(), st.sampled_from(CHANGEABLE)),
    _declared,
    _circumstances,
)
_renewals = st.builds(
    Renew,
    _stacks,
    LEAF_NUMBERS,
    st.sampled_from([False] * 7 + [True]),
    st.sampled_from([True] * 4 + [False]),
    _circumstances,
)
TEMPLATES = st.dictionaries(_new_ids, _declared, min_size=1)
_WEIGHTS: Final[Mapping[st.SearchStrategy[Action], int]] = {
    _changes: 10,
    st.builds(Deploy, _stacks, TEMPLATES, _circumstances): 6,
    _renewals: 5,
    _moves: 3,
    st.builds(Remove, _stacks, _logical_ids, _circumstances): 1,
    st.builds(Delete, _stacks, _circumstances): 1,
    st.builds(ArriveLate, st.integers(0, 200)): 2,
    st.builds(Secrets, LEAF_NUMBERS, st.booleans()): 2,
    st.builds(RenameByHand, _stacks, _logical_ids, st.sampled_from(["by-hand", "shop"])): 1,
    st.builds(DeleteByHand, _stacks, _logical_ids): 1,
    st.builds(
        UploadByHand, st.sampled_from(["www", "shop", "other"]), LEAF_NUMBERS, st.booleans()
    ): 1,
    st.builds(
        AdoptByName,
        _stacks,
        _new_ids,
        st.sampled_from(["www", "shop", "other"]),
        _declared,
        st.booleans(),
        _circumstances,
    ): 2,
    st.just(RemoveByHand()): 1,
    st.builds(Untag, _stacks, _logical_ids): 1,
    st.builds(ChangeTags, _stacks, _logical_ids): 1,
    st.builds(Point, _stacks, _logical_ids, st.integers(0, 3)): 1,
    st.builds(Forge, _stacks, _logical_ids, st.booleans()): 1,
}
"""The weight of each: mostly deployments."""

ACTIONS = st.sampled_from(
    [action for action, weight in _WEIGHTS.items() for _ in range(weight)]
).flatmap(lambda action: action)

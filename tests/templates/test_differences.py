"""Differences between JSON objects lose nothing."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from templates.differences import applied, differences

KEYS = st.sampled_from(["a", "b", "0", "", "/", "~", "~1"])
VALUES = st.recursive(
    st.sampled_from([True, 1, 1.0, "1", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=3)


@settings(deadline=None)
@given(value=OBJECTS, base=OBJECTS)
def test_applied_differences_are_the_other_object(value: object, base: dict[str, object]) -> None:
    """Whatever two objects have, one is had from the other and the differences."""
    made = applied(differences(value, base), base)
    assert json.dumps(made, sort_keys=True) == json.dumps(value, sort_keys=True)


def test_differences_are_where_they_are() -> None:
    """Each is at its place: a value that changed, is new or is gone; lists of one length, by element."""
    base = {"same": {"a": [1]}, "list": [{"a": 1, "b": 2}, 3], "longer": [1], "gone": 0}
    value = {"same": {"a": [1]}, "list": [{"a": 1, "b": True}, 3], "longer": [1, 2], "new/~": {}}
    assert differences(value, base) == {
        "/list/0/b": True,
        "/longer": [1, 2],
        "/gone": None,
        "/new~1~0": {},
    }

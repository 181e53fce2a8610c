"""Which mutants a source has."""

from __future__ import annotations

from dev.mutants.mutations import mutants_of

SOURCE = '''
"""A module."""

LIMIT = 3


def pick(found: list[int], *, least: int | None) -> int | None:
    """Pick one."""
    log.info({"decision": "pick"})
    assert found
    chosen = [each for each in found if each]
    while chosen:
        if least is None or not chosen[0] > least:
            return None
        if chosen == found:
            raise ValueError("this" if least else "that")
        chosen.pop()
    return len(chosen) if LIMIT else None


class Box:
    @property
    def is_full(self) -> bool:
        return self.size > LIMIT
'''


def test_the_mutants_of_an_example() -> None:
    """Each statement and condition has its mutants; what only speaks has none."""
    found = [
        (mutant.number, mutant.function, mutant.change) for mutant in mutants_of(SOURCE, "x.py")
    ]
    assert found == [
        (11, "pick", "deleted"),
        (11, "pick", "`each`: always True"),
        (11, "pick", "`each`: always False"),
        (12, "pick", "`chosen`: always True"),
        (12, "pick", "`chosen`: always False"),
        (13, "pick", "`least is None or not chosen[0] > least`: always True"),
        (13, "pick", "`least is None or not chosen[0] > least`: always False"),
        (13, "pick", "without `least is None`"),
        (13, "pick", "without `not chosen[0] > least`"),
        (13, "pick", "`not chosen[0] > least`: without `not`"),
        (15, "pick", "`chosen == found`: always True"),
        (15, "pick", "`chosen == found`: always False"),
        (17, "pick", "deleted"),
        (18, "pick", "returns `None`"),
        (18, "pick", "`LIMIT`: always True"),
        (18, "pick", "`LIMIT`: always False"),
        (24, "Box.is_full", "`self.size > LIMIT`: always True"),
        (24, "Box.is_full", "`self.size > LIMIT`: always False"),
    ]


def test_what_is_removed_is_shown() -> None:
    """An operand on a line of its own has that line; only a test in which it is false can notice."""
    source = (
        "def f(a: int, b: int) -> bool:\n    return (\n        a == 1\n        and b == 2\n    )\n"
    )
    (mutant,) = (each for each in mutants_of(source, "x.py") if each.change == "without `b == 2`")
    assert (mutant.number, mutant.line) == (4, "and b == 2")
    assert mutant.differs_from == {False}


def test_a_mutant_does_what_is_left() -> None:
    """The code of a mutant is that of its function without what was removed."""
    namespace: dict[str, object] = {}
    source = "def f(a):\n    b = 1\n    if a:\n        b = 2\n    return b\n"
    exec(compile(source, "x.py", "exec"), namespace)  # noqa: S102 (the source is above)
    function = namespace["f"]
    assert function(0) == 1
    (mutant,) = (each for each in mutants_of(source, "x.py") if each.change.endswith("True"))
    function.__code__ = mutant.code
    assert function(0) == 2

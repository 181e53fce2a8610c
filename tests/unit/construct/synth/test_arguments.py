"""Arguments of any type and value: what can't be used is a finding, and nothing else is raised."""

from __future__ import annotations

import enum
from dataclasses import replace
from typing import Any, Never

import pytest
from aws_cdk import Aws, Duration
from hypothesis import given
from hypothesis import strategies as st

from cdk_iam_server_certificate.synth.arguments import MAX_NOTICE_DAYS, Arguments
from dev.certificates.authority import self_signed
from server_certificate.contract.properties import (
    DEFAULT_PATH,
    DEFAULT_PROPAGATION_SECONDS,
    MAX_DELETION_SECONDS,
    MAX_PROPAGATION_SECONDS,
)

PEM = self_signed().key_pem()

OMITTED: dict[str, Any] = {
    "name": None,
    "name_prefix": None,
    "path": DEFAULT_PATH,
    "propagation_time": None,
    "deletion_timeout": None,
    "adopts": False,
    "renews": False,
    "expiration_notice": None,
    "acknowledge": (),
}

DEFAULTS = Arguments(
    name=None,
    name_prefix=None,
    path="/",
    propagation_seconds=DEFAULT_PROPAGATION_SECONDS,
    deletion_seconds=None,
    adopts=False,
    renews=False,
    notice_days=None,
    acknowledged=frozenset(),
    problems=(),
)

SPELLED = {
    "name": "server_certificate_name",
    "name_prefix": "server_certificate_name_prefix",
    "adopts": "adopt_existing",
    "renews": "renew_automatically",
}
"""The public names of arguments that have others here."""

ARGUMENTS = {SPELLED.get(argument, argument) for argument in OMITTED}


class Hostile:
    """A value that can't be printed, compared or hashed."""

    def _refuse(self, *_: object) -> Never:
        raise RuntimeError(PEM)

    __repr__ = __str__ = __eq__ = __hash__ = __bool__ = __len__ = __iter__ = _refuse  # type: ignore[assignment]


class Text(enum.StrEnum):
    """Names that somebody keeps in an enumeration."""

    WWW = "www"


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.sampled_from(
        [
            PEM,
            PEM.encode(),
            [PEM],
            {"key": PEM},
            10**30,
            "true",
            "chain-missing",
            "/cloudfront/",
            Aws.REGION,
            Duration.seconds(30),
            Duration.seconds(100_000),
            Duration.millis(1),
            Text.WWW,
            float,
        ]
    ),
    st.lists(st.none() | st.integers() | st.text() | st.binary(), max_size=3),
    st.frozensets(st.integers() | st.text(), max_size=3),
    st.dictionaries(st.text(), st.integers(), max_size=2),
)


def used_and_reported(values: dict[str, object]) -> Arguments:
    """Validate arguments, and see that they have their types and that no key is quoted."""
    arguments = Arguments.of(**values)
    told = "".join(map(str, arguments.problems))
    assert {problem.subject for problem in arguments.problems} <= ARGUMENTS
    assert not [line for line in PEM.splitlines()[1:-1] if line[:32] in told]
    for text in (arguments.name, arguments.name_prefix, arguments.path):
        assert text is None or type(text) is str
        assert text is None or "PRIVATE KEY" not in text
    assert type(arguments.adopts) is bool
    assert type(arguments.renews) is bool
    assert arguments.notice_days is None or 1 <= arguments.notice_days <= MAX_NOTICE_DAYS
    assert type(arguments.propagation_seconds) is int
    assert 0 <= arguments.propagation_seconds <= MAX_PROPAGATION_SECONDS
    assert arguments.deletion_seconds is None or (
        type(arguments.deletion_seconds) is int
        and 0 <= arguments.deletion_seconds <= MAX_DELETION_SECONDS
    )
    assert all(type(code) is str for code in arguments.acknowledged)
    return arguments


@given(st.fixed_dictionaries(dict.fromkeys(OMITTED, ANYTHING)))
def test_any_values(values: dict[str, object]) -> None:
    """Each is used with its own type, or is a finding that quotes no key; nothing is raised."""
    used_and_reported(values)


@pytest.mark.parametrize("argument", OMITTED)
def test_values_that_cannot_be_printed(argument: str) -> None:
    """They are reported without being quoted, compared or hashed."""
    for value in (Hostile(), Hostile, 10**5000, -(10**5000), object()):
        (problem,) = used_and_reported({**OMITTED, argument: value}).problems
        assert f"it is of type {type(value).__name__}, not " in str(problem)
    values = [Hostile(), 10**5000]
    problems = used_and_reported({**OMITTED, argument: values}).problems
    assert len(problems) == (len(values) if argument == "acknowledge" else 1)


@given(st.sampled_from(sorted(OMITTED)), ANYTHING)
def test_one_value(argument: str, value: object) -> None:
    """A value that isn't used is reported, once, under the name of its argument."""
    arguments = used_and_reported({**OMITTED, argument: value})
    subjects = {problem.subject for problem in arguments.problems}
    assert subjects <= {SPELLED.get(argument, argument)}
    if subjects and argument not in {"acknowledge", "adopts"}:
        assert replace(arguments, problems=()) == DEFAULTS
        assert len(arguments.problems) == 1


def test_defaults() -> None:
    """Omitted arguments have the documented defaults, and no problems."""
    assert Arguments.of(**OMITTED) == DEFAULTS


def test_usable_values() -> None:
    """Names can come from an enumeration, times from any unit, and codes from any collection."""
    for codes in (
        ["chain-missing"],
        ("chain-missing",),
        {"chain-missing"},
        {"chain-missing": 1}.keys(),
    ):
        arguments = Arguments.of(
            name=Text.WWW,
            name_prefix=None,
            path="/edge/",
            propagation_time=Duration.minutes(10),
            deletion_timeout=Duration.minutes(14),
            adopts=True,
            renews=True,
            expiration_notice=Duration.hours(720),
            acknowledge=codes,
        )
        assert arguments == Arguments(
            name="www",
            name_prefix=None,
            path="/edge/",
            propagation_seconds=600,
            deletion_seconds=840,
            adopts=True,
            renews=True,
            notice_days=30,
            acknowledged=frozenset({"chain-missing"}),
            problems=(),
        )
        assert type(arguments.name) is str

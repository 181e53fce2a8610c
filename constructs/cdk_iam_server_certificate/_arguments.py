"""Arguments of the construct that are neither material nor names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Token

from server_certificate.catalogue import refusal
from server_certificate.form_rules import ARGUMENT_UNUSABLE
from server_certificate.resource_contract import (
    DEFAULT_PROPAGATION_SECONDS,
    MAX_PROPAGATION_SECONDS,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from aws_cdk import Duration

    from server_certificate.findings import Finding


def acknowledged_codes(codes: Collection[str]) -> tuple[frozenset[str], tuple[Finding, ...]]:
    """Return the codes of findings that can be acknowledged, and what is wrong with the others."""
    if isinstance(codes, str):
        problem = f"it is the text {codes!r}, not a list of codes."
        return frozenset(), (_unusable("acknowledge", problem, f"Write [{codes!r}]."),)
    refusals = {code: refusal(code) for code in dict.fromkeys(codes)}
    problems = tuple(
        _unusable("acknowledge", problem, "") for problem in refusals.values() if problem
    )
    return frozenset(code for code, problem in refusals.items() if not problem), problems


def propagation_seconds(time: Duration | None) -> tuple[int, tuple[Finding, ...]]:
    """Return how long to wait for propagation, and what is wrong with the argument."""
    if time is None:
        return DEFAULT_PROPAGATION_SECONDS, ()
    if time.is_unresolved() or Token.is_unresolved(time.to_seconds(integral=False)):
        problem = "it is a token, and its limits are judged when the app is synthesised."
        mend = "Give a literal, such as Duration.seconds(30)."
        return DEFAULT_PROPAGATION_SECONDS, (_unusable("propagation_time", problem, mend),)
    seconds = time.to_seconds(integral=False)
    if seconds != int(seconds) or seconds > MAX_PROPAGATION_SECONDS:
        problem = f"it is {seconds:g} seconds."
        mend = f"Give whole seconds, up to {MAX_PROPAGATION_SECONDS}: they must fit into the function's time."
        return DEFAULT_PROPAGATION_SECONDS, (_unusable("propagation_time", problem, mend),)
    return int(seconds), ()


def adoption_problems(*, adopts: bool, name: str | None) -> tuple[Finding, ...]:
    """Say why nothing can be adopted."""
    if not adopts or name is not None:
        return ()
    problem = "it is true without a server_certificate_name, and a generated name is a new one."
    mend = "Give the name of the certificate that is to be adopted."
    return (_unusable("adopt_existing", problem, mend),)


def _unusable(argument: str, problem: str, mend: str) -> Finding:
    return ARGUMENT_UNUSABLE.found(argument, problem, mend)

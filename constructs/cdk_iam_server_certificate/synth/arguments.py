"""Validate the arguments of the construct, except for the material."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Token

from server_certificate.contract.properties import (
    DEFAULT_PATH,
    DEFAULT_PROPAGATION_SECONDS,
    MAX_PROPAGATION_SECONDS,
)
from server_certificate.reading.rules import ARGUMENT_UNUSABLE
from server_certificate.rules.registry import refusal
from server_certificate.secrecy import MISPLACED, REMEDY, holds_material, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from aws_cdk import Duration

    from server_certificate.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The arguments of a certificate. Defaults replace invalid ones, which ``problems`` lists."""

    name: str | None
    path: str
    propagation_seconds: int
    adopts: bool
    acknowledged: frozenset[str]

    problems: tuple[Finding, ...]
    """Why arguments are invalid. The values of names and paths are checked elsewhere."""

    @classmethod
    def of(
        cls,
        *,
        name: object,
        path: object,
        propagation_time: Duration | None,
        adopts: bool,
        acknowledge: Collection[str],
    ) -> Arguments:
        """Validate the arguments from the user, including their types."""
        codes = [acknowledge] if isinstance(acknowledge, str) else list(acknowledge)
        return cls(
            name=_usable(name),
            path=DEFAULT_PATH if (text := _usable(path)) is None else text,
            propagation_seconds=_seconds(propagation_time),
            adopts=adopts,
            acknowledged=frozenset(code for code in codes if not refusal(code)),
            problems=(
                *_of_text("server_certificate_name", "" if name is None else name),
                *_of_text("path", path),
                *_of_time(propagation_time),
                *_of_adoption(adopts=adopts, name=name),
                *_of_codes(acknowledge),
            ),
        )


def _of_text(argument: str, value: object) -> Iterator[Finding]:
    if not isinstance(value, str):
        problem = f"{quoted(value)} is of type {type(value).__name__}, not str."
        yield _unusable(argument, problem, "Provide a string, or omit the argument.")
    elif holds_material(value):
        yield _unusable(argument, MISPLACED, REMEDY)


def _usable(value: object) -> str | None:
    """Return a text that can become part of the template; None for any other value."""
    return value if isinstance(value, str) and not holds_material(value) else None


def _of_time(time: Duration | None) -> Iterator[Finding]:
    if time is None:
        return
    seconds = time.to_seconds(integral=False)
    if Token.is_unresolved(seconds):
        problem = "it is a token, but must be known at synth."
        fix = "Provide a literal, such as Duration.seconds(30)."
        yield _unusable("propagation_time", problem, fix)
    elif seconds != int(seconds) or seconds > MAX_PROPAGATION_SECONDS:
        fix = f"Provide whole seconds, at most {MAX_PROPAGATION_SECONDS}."
        yield _unusable("propagation_time", f"{seconds:g} seconds is not allowed.", fix)


def _seconds(time: Duration | None) -> int:
    if time is None or any(_of_time(time)):
        return DEFAULT_PROPAGATION_SECONDS
    return int(time.to_seconds())


def _of_adoption(*, adopts: bool, name: object) -> Iterator[Finding]:
    if adopts and name is None:
        problem = "it requires a server_certificate_name, because a generated name is always new."
        fix = "Provide the name of the certificate to adopt."
        yield _unusable("adopt_existing", problem, fix)


def _of_codes(codes: Collection[str]) -> Iterator[Finding]:
    if isinstance(codes, str):
        problem = f"it is the string {quoted(codes)}, but must be a list of codes."
        yield _unusable("acknowledge", problem, f"Write [{quoted(codes)}].")
        return
    for code in dict.fromkeys(codes):
        if refused := refusal(code):
            yield _unusable("acknowledge", refused, "")


def _unusable(argument: str, problem: str, fix: str) -> Finding:
    return ARGUMENT_UNUSABLE.finding(argument, problem, fix)

"""Arguments of the construct beside the material: read into what can be used, and what is wrong with them."""

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
    """What a certificate was declared with, in a form that can be used whatever was given."""

    name: str | None
    path: str
    propagation_seconds: int
    adopts: bool
    acknowledged: frozenset[str]

    problems: tuple[Finding, ...]
    """Why what was given cannot be used; names and paths that are texts are judged elsewhere."""

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
        """Read arguments as a user gave them: not everybody has a type checker."""
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
        problem = f"{quoted(value)} is no text, but {type(value).__name__}."
        yield _unusable(argument, problem, "Give a text, or leave it out for the default.")
    elif holds_material(value):
        yield _unusable(argument, MISPLACED, REMEDY)


def _usable(value: object) -> str | None:
    """Return a text that may become part of the template; None for everything else."""
    return value if isinstance(value, str) and not holds_material(value) else None


def _of_time(time: Duration | None) -> Iterator[Finding]:
    if time is None:
        return
    seconds = time.to_seconds(integral=False)
    if Token.is_unresolved(seconds):
        problem = "it is a token, and its limits are judged when the app is synthesised."
        fix = "Give a literal, such as Duration.seconds(30)."
        yield _unusable("propagation_time", problem, fix)
    elif seconds != int(seconds) or seconds > MAX_PROPAGATION_SECONDS:
        fix = f"Give whole seconds, up to {MAX_PROPAGATION_SECONDS}: they must fit into the function's time."
        yield _unusable("propagation_time", f"it is {seconds:g} seconds.", fix)


def _seconds(time: Duration | None) -> int:
    if time is None or any(_of_time(time)):
        return DEFAULT_PROPAGATION_SECONDS
    return int(time.to_seconds())


def _of_adoption(*, adopts: bool, name: object) -> Iterator[Finding]:
    if adopts and name is None:
        problem = "it is true without a server_certificate_name, and a generated name is a new one."
        fix = "Give the name of the certificate that is to be adopted."
        yield _unusable("adopt_existing", problem, fix)


def _of_codes(codes: Collection[str]) -> Iterator[Finding]:
    if isinstance(codes, str):
        problem = f"it is the text {quoted(codes)}, not a list of codes."
        yield _unusable("acknowledge", problem, f"Write [{quoted(codes)}].")
        return
    for code in dict.fromkeys(codes):
        if refused := refusal(code):
            yield _unusable("acknowledge", refused, "")


def _unusable(argument: str, problem: str, fix: str) -> Finding:
    return ARGUMENT_UNUSABLE.finding(argument, problem, fix)

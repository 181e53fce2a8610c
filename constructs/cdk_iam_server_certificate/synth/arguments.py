"""Validate the arguments of the construct, except for the material."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from aws_cdk import Duration

from cdk_iam_server_certificate.argument_types import text_problem, wrong_type
from server_certificate.contract.properties import (
    DEFAULT_PATH,
    DEFAULT_PROPAGATION_SECONDS,
    MAX_DELETION_SECONDS,
    MAX_PROPAGATION_SECONDS,
)
from server_certificate.reading.rules import ARGUMENT_UNUSABLE
from server_certificate.rules.registry import refusal
from server_certificate.secrecy import quoted

if TYPE_CHECKING:
    from server_certificate.findings import Finding

MAX_NOTICE_DAYS: Final = 365
"""A year. No public certificate lives longer."""

_SECONDS_PER_DAY: Final = 24 * 60 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The arguments of a certificate. Defaults replace invalid ones, which ``problems`` lists."""

    name: str | None
    name_prefix: str | None
    path: str
    propagation_seconds: int

    deletion_seconds: int | None
    """How long a deletion waits for consumers; None to wait as long as the function can."""

    adopts: bool
    renews: bool

    notice_days: int | None
    """How many days before its end a certificate is reported; None if the app doesn't say it."""

    acknowledged: frozenset[str]

    problems: tuple[Finding, ...]
    """Why arguments are invalid. The values of names and paths are checked elsewhere."""

    @classmethod
    def of(
        cls,
        *,
        name: object,
        name_prefix: object,
        path: object,
        propagation_time: object,
        deletion_timeout: object,
        adopts: object,
        renews: object,
        expiration_notice: object,
        acknowledge: object,
    ) -> Arguments:
        """Validate the arguments from the user. They can have any type."""
        problems = _Problems()
        if name is not None and name_prefix is not None:
            problems.add(
                "server_certificate_name_prefix",
                "it can't be combined with server_certificate_name.",
                "Remove one of them.",
            )
        propagation = problems.seconds(
            "propagation_time", propagation_time, maximum=MAX_PROPAGATION_SECONDS
        )
        usable_path = problems.text("path", path)
        return cls(
            name=problems.optional_text("server_certificate_name", name),
            name_prefix=problems.optional_text("server_certificate_name_prefix", name_prefix),
            path=DEFAULT_PATH if usable_path is None else usable_path,
            propagation_seconds=DEFAULT_PROPAGATION_SECONDS if propagation is None else propagation,
            deletion_seconds=problems.seconds(
                "deletion_timeout", deletion_timeout, maximum=MAX_DELETION_SECONDS
            ),
            adopts=problems.adoption(adopts, has_name=name is not None),
            renews=problems.switch("renew_automatically", renews),
            notice_days=problems.days(
                "expiration_notice", expiration_notice, maximum=MAX_NOTICE_DAYS
            ),
            acknowledged=problems.codes("acknowledge", acknowledge),
            problems=tuple(problems.found),
        )


class _Problems:
    """Collects the problems of arguments, and returns their usable values."""

    def __init__(self) -> None:
        self.found: list[Finding] = []

    def add(self, argument: str, problem: str, fix: str) -> None:
        self.found.append(ARGUMENT_UNUSABLE.finding(argument, problem, fix))

    def wrong_type(self, argument: str, value: object, wanted: str, fix: str) -> None:
        self.found.append(wrong_type(argument, value, wanted, fix))

    def text(self, argument: str, value: object) -> str | None:
        """Return a text that can become part of the template; None for any other value."""
        if problem := text_problem(argument, value):
            self.found.append(problem)
            return None
        # The string itself, also for a member of an enumeration.
        return str.__str__(cast("str", value))

    def optional_text(self, argument: str, value: object) -> str | None:
        return None if value is None else self.text(argument, value)

    def seconds(self, argument: str, value: object, *, maximum: int) -> int | None:
        """Return the whole seconds of a duration; None for the default."""
        if value is None:
            return None
        seconds = self._known_seconds(argument, value, "Duration.seconds(30)")
        if seconds is None:
            return None
        if seconds <= maximum and seconds == int(seconds):
            return int(seconds)
        fix = f"Provide whole seconds, at most {maximum}."
        self.add(argument, f"{seconds:g} seconds is not allowed.", fix)
        return None

    def days(self, argument: str, value: object, *, maximum: int) -> int | None:
        """Return the whole days of a duration; None if it is omitted or invalid."""
        if value is None:
            return None
        seconds = self._known_seconds(argument, value, "Duration.days(14)")
        if seconds is None:
            return None
        days = seconds / _SECONDS_PER_DAY
        if 1 <= days <= maximum and days == int(days):
            return int(days)
        fix = f"Provide whole days, from 1 to {maximum}."
        self.add(argument, f"{days:g} days is not allowed.", fix)
        return None

    def _known_seconds(self, argument: str, value: object, example: str) -> float | None:
        if not isinstance(value, Duration):
            self.wrong_type(argument, value, "Duration", f"Provide a duration, such as {example}.")
            return None
        if value.is_unresolved():
            problem = "it is a token, but must be known at synth."
            self.add(argument, problem, f"Provide a literal, such as {example}.")
            return None
        return value.to_seconds(integral=False)

    def switch(self, argument: str, value: object) -> bool:
        """Return a Boolean; False for any other value."""
        if isinstance(value, bool):
            return value
        fix = (
            "Provide True or False. A context value from the command line is a string: compare"
            " it with == 'true'."
        )
        self.wrong_type(argument, value, "bool", fix)
        return False

    def adoption(self, value: object, *, has_name: bool) -> bool:
        adopts = self.switch("adopt_existing", value)
        if adopts and not has_name:
            problem = (
                "it requires a server_certificate_name, because a generated name is always new."
            )
            self.add("adopt_existing", problem, "Provide the name of the certificate to adopt.")
        return adopts

    def codes(self, argument: str, value: object) -> frozenset[str]:
        """Return the codes of findings that can be acknowledged."""
        fix = "Provide a list of codes, such as ['chain-missing'], or omit the argument."
        if isinstance(value, str):
            problem = f"it is the string {quoted(value)}, but must be a list of codes."
            self.add(argument, problem, f"Write [{quoted(value)}].")
            value = [value]
        elif not isinstance(value, list | tuple | AbstractSet):
            self.wrong_type(argument, value, "list", fix)
            return frozenset()
        texts = set[str]()
        for code in value:
            if isinstance(code, str):
                texts.add(str.__str__(code))
            else:
                self.wrong_type(argument, code, "str", fix)
        refused = {code: why for code in sorted(texts) if (why := refusal(code))}
        for why in refused.values():
            self.add(argument, why, "")
        return frozenset(texts - refused.keys())

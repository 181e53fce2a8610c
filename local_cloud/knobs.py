"""The knobs of a running local cloud, which make it behave as AWS rarely does."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

Callers = Literal["function", "all"]
FaultKind = Literal["throttle", "refuse", "fail", "reset", "lose-answer", "kill", "kill-after"]

_MOST_CERTIFICATES = 1000


class KnobError(ValueError):
    """A knob or a value isn't valid; the message says which, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """
    A failure of some calls.

    Without ``nth`` and ``every``, each matching call fails. The count starts when the knobs are set.

    Attributes:
        action: Which calls: an action as IAM policies name it, with or without its service
            (``GetSecretValue``, ``iam:*ServerCertificate*``); ``*`` stands for anything. The
            pseudo action ``Answer`` is a custom resource's answer to CloudFormation.
        kind: What happens: ``throttle``, ``refuse`` and ``fail`` return the service's error for too
            many calls, a missing permission and an internal error, without any effect;
            ``reset`` closes the connection before the call has an effect, ``lose-answer`` after;
            ``kill`` kills all Lambda functions that are running before the effect,
            ``kill-after`` after it.
        nth: Only the n-th matching call; 1 is the first.
        every: Every n-th matching call.
        times: How often it happens at most, with ``every``; default: no limit.
        callers: Whose calls are counted and fail: those of Lambda functions (default), or all.

    Raises:
        KnobError: A value isn't valid; the message says which.
    """

    action: str
    kind: FaultKind
    nth: int | None = None
    every: int | None = None
    times: int | None = None
    callers: Callers = "function"

    def __post_init__(self) -> None:
        _check_action(self.action)
        _check_choice("A fault's kind", self.kind, get_args(FaultKind))
        _check_choice("A fault's callers", self.callers, get_args(Callers))
        for name in ("nth", "every", "times"):
            number = getattr(self, name)
            if number is not None:
                _check_integer(f"A fault's {name}", number, least=1)
        if self.nth is not None and self.every is not None:
            raise KnobError("A fault can have nth or every, but not both.")
        if self.times is not None and self.every is None:
            raise KnobError("A fault can have times only with every.")


@dataclass(frozen=True, slots=True)
class Knobs:
    """
    All knobs. The defaults are the behavior of AWS.

    Attributes:
        quota: Server certificates per account, 0 to 1000; default 20.
        propagation_seconds: How long load balancers and CloudFront don't find a certificate after
            an upload, a rename or a new path; default 0.
        tag_on_create: Whether UploadServerCertificate accepts tags; default: it does.
        tagging: Whether server certificates can have tags at all; default: they can.
        clock_offset_seconds: How far IAM's clock is ahead of this machine's; can be negative;
            default 0.
        duplicate_events: How many of the next events of custom resources are delivered twice,
            the second time when the first delivery is over; default 0.
        rollback_moves_last_updated_time: Whether a rollback sets a stack's LastUpdatedTime, which
            AWS doesn't document; default: only an update does.
        faults: Which calls fail. If several faults are due, the first applies. Default: none.

    Raises:
        KnobError: A value isn't valid; the message says which.
    """

    quota: int = 20
    propagation_seconds: float = 0
    tag_on_create: bool = True
    tagging: bool = True
    clock_offset_seconds: float = 0
    duplicate_events: int = 0
    rollback_moves_last_updated_time: bool = False
    faults: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        _check_integer("quota", self.quota, most=_MOST_CERTIFICATES)
        _check_integer("duplicate_events", self.duplicate_events)
        _check_number("propagation_seconds", self.propagation_seconds)
        if self.propagation_seconds < 0:
            raise KnobError(
                f"propagation_seconds must be at least 0, not {self.propagation_seconds!r}."
            )
        _check_number("clock_offset_seconds", self.clock_offset_seconds)
        for name in ("tag_on_create", "tagging", "rollback_moves_last_updated_time"):
            if not isinstance(getattr(self, name), bool):
                raise KnobError(f"{name} must be true or false, not {getattr(self, name)!r}.")
        # Callers can pass a list.
        object.__setattr__(self, "faults", tuple(self.faults))
        if not all(isinstance(fault, Fault) for fault in self.faults):
            raise KnobError("faults must be a list of faults.")


def knobs_from_json(data: object) -> Knobs:
    """
    Read knobs from parsed JSON; the others have their defaults.

    Raises:
        KnobError: A value isn't valid; the message says which.
    """
    members = _members(data, "The knobs", Knobs)
    faults = members.get("faults", ())
    if not isinstance(faults, list | tuple):
        raise KnobError("faults must be a list of faults.")
    return Knobs(**{**members, "faults": tuple(_fault_from_json(fault) for fault in faults)})


def knobs_to_json(knobs: Knobs) -> dict[str, Any]:
    """Return the knobs as values for JSON."""
    return asdict(knobs)


def _fault_from_json(data: object) -> Fault:
    members = _members(data, "A fault", Fault)
    for name in ("action", "kind"):
        if name not in members:
            raise KnobError(f"A fault must have {name}.")
    return Fault(**members)


def _members(data: object, subject: str, kind: type[Knobs | Fault]) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise KnobError(f"{subject} must be a JSON object.")
    known = [field.name for field in fields(kind)]
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise KnobError(
            f"{subject} can't have {', '.join(unknown)}. Valid names: {', '.join(known)}."
        )
    return data


def _check_action(value: object) -> None:
    if not isinstance(value, str) or not value:
        raise KnobError(
            "A fault's action must be the name of an AWS action, such as iam:GetServerCertificate, "
            f"not {value!r}."
        )


def _check_choice(subject: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise KnobError(f"{subject} must be one of {', '.join(choices)}, not {value!r}.")


def _check_integer(subject: str, value: object, *, least: int = 0, most: int | None = None) -> None:
    # In Python, a bool is an int; in JSON, it isn't a number.
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise KnobError(f"{subject} must be a whole number of at least {least}, not {value!r}.")
    if most is not None and value > most:
        raise KnobError(f"{subject} must be at most {most}, not {value!r}.")


def _check_number(subject: str, value: object) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise KnobError(f"{subject} must be a number of seconds, not {value!r}.")

"""The emulator's internals that the extension relies on."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

# Status, headers and body, as the emulator's services answer.
Answer = tuple[int, dict[str, str], bytes]

SERVICE_PARAMETERS = ("method", "path", "headers", "body", "query_params")


class EmulatorChangedError(Exception):
    """This extension was written for another version of ministack."""


@dataclass(frozen=True, slots=True)
class Internal:
    """
    Something inside the emulator.

    Attributes:
        name: Where it is, in full.
        found: Whether it is there, and as expected.
    """

    name: str
    found: bool


def function(module: ModuleType | type, name: str, *parameters: str) -> Internal:
    """Expect a function with exactly these parameters."""
    found = getattr(module, name, None)
    return Internal(
        f"{_name_of(module)}.{name}({', '.join(parameters)})",
        callable(found) and tuple(inspect.signature(found).parameters) == parameters,
    )


def instance(module: ModuleType, name: str, kind: type) -> Internal:
    """Expect an object of a type."""
    return Internal(f"{_name_of(module)}.{name}", isinstance(getattr(module, name, None), kind))


def check(internals: Iterable[Internal]) -> None:
    """
    Check that all of them are there.

    Raises:
        EmulatorChangedError: Something is missing; the message names the first.
    """
    for internal in internals:
        if not internal.found:
            raise EmulatorChangedError(
                f"The installed ministack has no {internal.name}. "
                "Run make setup, which installs the version that pyproject.toml pins."
            )


def _name_of(module: ModuleType | type) -> str:
    if isinstance(module, type):
        return f"{module.__module__}.{module.__name__}"
    return module.__name__

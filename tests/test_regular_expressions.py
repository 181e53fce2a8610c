"""Every regular expression takes time in proportion to its text, whatever that is."""

from __future__ import annotations

import ast
import gc
import importlib
import pkgutil
import re
import time
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

pytestmark = pytest.mark.timeout(60)

PACKAGES = (
    "server_certificate",
    "server_certificate_cli",
    "server_certificate_handler",
    "cdk_iam_server_certificate",
)
_FUNCTIONS = {
    "compile",
    "search",
    "match",
    "fullmatch",
    "sub",
    "subn",
    "split",
    "findall",
    "finditer",
}
_SHORT, _LONG = 10_000, 100_000
_MOST_RATIO = 30
_ATTEMPTS = 3
"""An expression that isn't linear takes too long each time."""

_NOTHING = 0.02
"""Seconds of processor time that are too short to compare."""

_MOST = 0.3
"""Seconds for a short text that are too long whatever a long one takes."""


def _modules() -> Iterator[ModuleType]:
    for name in PACKAGES:
        package = importlib.import_module(name)
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not found.name.endswith("__main__") and "._function" not in found.name:
                yield importlib.import_module(found.name)


@dataclass(frozen=True)
class Expression:
    """A compiled expression, and how it is used."""

    place: str
    pattern: re.Pattern[str] | re.Pattern[bytes]
    methods: frozenset[str]


def _uses(module: ModuleType) -> dict[str, set[str]]:
    """Return how the names in a module are used that may be expressions."""
    uses: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            method = node.attr if node.attr in {"match", "fullmatch"} else "search"
            uses.setdefault(node.value.id, set()).add(method)
    return uses


def _patterns(value: object) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    """Yield the expressions in a value, however deep in tuples, dictionaries and dataclasses."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _patterns(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _patterns(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _patterns(getattr(value, field.name))


def _expressions() -> list[Expression]:
    found: dict[re.Pattern[str] | re.Pattern[bytes], Expression] = {}
    for module in _modules():
        uses = _uses(module)
        for name, value in vars(module).items():
            for pattern in _patterns(value):
                methods = uses.get(name, set()) if isinstance(value, re.Pattern) else {"search"}
                known = found[pattern].methods if pattern in found else frozenset()
                place = f"{module.__name__}.{name}"
                found[pattern] = Expression(place, pattern, known | methods)
    return list(found.values())


def _parts(pattern: re.Pattern[str] | re.Pattern[bytes]) -> set[str]:
    """Return characters and words that an expression is made of."""
    source = (
        pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    )
    words = set(re.findall(r"[A-Za-z0-9-]+(?: [A-Za-z0-9]+)*", source))
    return {*words, *(word[0] for word in words), *"aA0./:-=+ \t\n\r\"'\\<[{%&"}


def _near_misses(pattern: re.Pattern[str] | re.Pattern[bytes], length: int) -> Iterator[str]:
    """Yield texts that begin like what an expression looks for, and go wrong at their end."""
    parts = sorted(_parts(pattern))
    units = {
        *parts,
        "\r\n",
        "QUJD\r\n",
        "QUJD\n",
        " \n",
        "a.",
        "a-",
        "a:",
        "0.",
        "= ",
        '" ',
        "a b ",
    }
    begin = max((part for part in parts if len(part) > 1), key=len, default="")
    for unit in sorted(units):
        body = (unit * (length // len(unit) + 1))[:length]
        yield f"{body}\0"
        yield f"{begin}{body}\0{begin}"
        yield f"{body} -----END\u2014!"


def _time(expression: Expression, method: str, text: str) -> float:
    pattern = expression.pattern
    subject: str | bytes = text if isinstance(pattern.pattern, str) else text.encode("utf-8")
    # A collection of this process's many objects takes longer than most expressions.
    collects = gc.isenabled()
    gc.disable()
    try:
        start = time.process_time()
        if method == "search":
            for _ in pattern.finditer(subject):  # type: ignore[arg-type]
                pass
        else:
            getattr(pattern, method)(subject)
        return time.process_time() - start
    finally:
        if collects:
            gc.enable()


EXPRESSIONS = _expressions()


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda each: each.place)
def test_takes_linear_time(expression: Expression) -> None:
    """Ten times the text takes about ten times as long."""
    _check_time(expression)


def _check_time(expression: Expression) -> None:
    short, long = (_near_misses(expression.pattern, length) for length in (_SHORT, _LONG))
    for less, more in zip(short, long, strict=True):
        for method in expression.methods:
            assert any(_is_linear(expression, method, less, more) for _ in range(_ATTEMPTS)), (
                f"{method} of {less[:40]!r}…"
            )


def _is_linear(expression: Expression, method: str, less: str, more: str) -> bool:
    """Measure both texts once. A busy machine can make any of them take longer."""
    first = _time(expression, method, less)
    if first >= _MOST:
        return False
    return _time(expression, method, more) < max(_NOTHING, _MOST_RATIO * first)


def test_finds_expressions_that_are_not_linear() -> None:
    """The texts of this test tell an expression that is quadratic."""
    quadratic = Expression("here", re.compile(r"[0-9]+(\.[0-9]+){3}x"), frozenset({"search"}))
    with pytest.raises(AssertionError):
        _check_time(quadratic)


def _calls_within_functions() -> Iterator[str]:
    for module in _modules():
        tree = ast.parse(Path(str(module.__file__)).read_text())
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            returned = {
                id(node.value) for node in ast.walk(function) if isinstance(node, ast.Return)
            }
            for node in ast.walk(function):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id == "re"
                    and node.func.attr in _FUNCTIONS
                    and not (node.func.attr == "compile" and id(node) in returned)
                ):
                    yield f"{module.__name__}:{node.lineno}"


def test_every_expression_is_found() -> None:
    """None is compiled where it is used: it would escape this test."""
    assert list(_calls_within_functions()) == []

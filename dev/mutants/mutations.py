"""
The mutants of a source: each lacks one statement or one condition.

A condition is still evaluated, but its value is fixed: `x` becomes `x or True` or `x and False`. A test
in which it has that value anyway can't notice, and needn't run.
"""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import CodeType

_DELETABLE: Final = (
    ast.Expr,
    ast.Assign,
    ast.AnnAssign,
    ast.AugAssign,
    ast.Raise,
    ast.Break,
    ast.Continue,
    ast.For,
)
_CONDITIONS: Final = {"test", "ifs", "guard"}
"""The fields with conditions: of `if`, `while` and the ternary, of comprehensions, of `case`."""

_WIDTH: Final = 90

_ANY: Final = frozenset({True, False})

WATCH: Final = "__watch__"
"""The built-in that watched functions call with a key and a value; it returns the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A function that lacks something."""

    function: str
    """Its qualified name; for a nested function, that of the outer one."""

    number: int
    """The first line of what is removed."""

    line: str
    change: str
    code: CodeType

    key: str
    """The key under which `watched` records what is removed."""

    differs_from: frozenset[bool]
    """A test can notice only if what is removed has one of these values."""


@dataclass(frozen=True, slots=True)
class _Change:
    """A node of the tree, and its replacement."""

    siblings: Any
    """The list that the node is in, or the fields of its parent."""

    key: Any
    instead: ast.AST
    removed: Any
    text: str
    differs_from: frozenset[bool] = _ANY


def mutants_of(source: str, path: str) -> list[Mutant]:
    """Return the mutants of a module's functions, in the order of its lines."""
    lines = source.splitlines()
    found = []
    for top in ast.parse(source).body:
        for name, function in _functions(top):
            for change in _changes(function, function):
                change.siblings[change.key] = change.instead
                ast.fix_missing_locations(top)
                module = compile(ast.Module([top], []), path, "exec")
                change.siblings[change.key] = change.removed
                found.append(
                    Mutant(
                        function=name,
                        number=change.removed.lineno,
                        line=lines[change.removed.lineno - 1].strip(),
                        change=change.text,
                        code=_code_of(module, name),
                        key=_key(path, change.removed),
                        differs_from=change.differs_from,
                    )
                )
    return sorted(found, key=lambda mutant: mutant.number)


def watched(source: str, path: str) -> dict[str, CodeType]:
    """Return the functions with their conditions and statements watched, by name."""
    found = {}
    for top in ast.parse(source).body:
        for name, function in _functions(top):
            keys = {_key(path, change.removed) for change in _changes(function, function)}
            _Watching(path, keys).visit(function)
            module = compile(ast.Module([ast.fix_missing_locations(top)], []), path, "exec")
            found[name] = _code_of(module, name)
    return found


class _Watching(ast.NodeTransformer):
    """Calls the built-in `WATCH` with each value, and before each statement."""

    def __init__(self, path: str, keys: set[str]) -> None:
        self._path, self._keys = path, keys

    def visit(self, node: ast.AST) -> Any:  # noqa: ANN401 (a node or a list)
        """Watch a node, and what is in it."""
        key = _key(self._path, node) if isinstance(node, ast.stmt | ast.expr) else None
        node = self.generic_visit(node)
        if key not in self._keys:
            return node
        is_statement = isinstance(node, ast.stmt)
        value: Any = ast.Constant(value=True) if is_statement else node
        call = ast.Call(ast.Name(WATCH, ast.Load()), [ast.Constant(key), value], [])
        return [ast.Expr(call), node] if is_statement else call


def _key(path: str, node: ast.stmt | ast.expr) -> str:
    ends = f"{node.lineno}:{node.col_offset}-{node.end_lineno}:{node.end_col_offset}"
    return f"{path} {ends} {type(node).__name__}"


def _functions(top: ast.stmt, within: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    if isinstance(top, ast.FunctionDef):
        yield within + top.name, top
    elif isinstance(top, ast.ClassDef):
        for node in top.body:
            yield from _functions(node, f"{within}{top.name}.")


def _code_of(code: CodeType, name: str) -> CodeType:
    for part in name.split("."):
        (code,) = (each for each in code.co_consts if getattr(each, "co_name", None) == part)
    return code


def _changes(parent: ast.AST, function: ast.FunctionDef) -> Iterator[_Change]:
    """Walk through a function's body, without logging, assertions and error messages."""
    for field, value in ast.iter_fields(parent):
        siblings, keys = _places(parent, field, value)
        for key in keys:
            node = siblings[key]
            if not isinstance(
                node, ast.stmt | ast.expr | ast.comprehension | ast.excepthandler | ast.match_case
            ):
                continue
            if _only_speaks(node) or field in {"decorator_list", "returns", "annotation"}:
                continue
            for instead, text, differs_from in _instead(node, parent, field, function):
                yield _Change(siblings, key, instead, node, text, differs_from)
            if not isinstance(node, ast.Raise):
                inner = node if isinstance(node, ast.FunctionDef) else function
                yield from _changes(node, inner)


def _places(parent: ast.AST, field: str, value: object) -> tuple[Any, Sequence[Any]]:
    if isinstance(value, list):
        return value, range(len(value))
    return vars(parent), (field,)


def _instead(
    node: ast.AST, parent: ast.AST, field: str, function: ast.FunctionDef
) -> Iterator[tuple[ast.AST, str, frozenset[bool]]]:
    """Yield a node's replacements, their descriptions, and the values from which they differ."""
    match node:
        case ast.Return() if not _is_bare(node):
            if "None" in _text(function.returns):
                yield ast.Return(ast.Constant(None)), "returns `None`", _ANY
        case ast.stmt() if _is_deletable(node, function) and not _is_all_of(parent, field):
            yield ast.Pass(), "deleted", _ANY
        case ast.expr() if isinstance(parent, ast.BoolOp):
            always = isinstance(parent.op, ast.And)
            yield _fixed(node, always=always), f"without `{_text(node)}`", frozenset({not always})
        case ast.expr() if _is_condition(parent, field, function):
            for always in (True, False):
                if _text(node) != str(always):
                    text = f"`{_text(node)}`: always {always}"
                    yield _fixed(node, always=always), text, frozenset({not always})
    match node:
        case ast.UnaryOp(ast.Not(), operand):
            yield operand, f"`{_text(node)}`: without `not`", _ANY


def _fixed(node: ast.expr, *, always: bool) -> ast.expr:
    return ast.BoolOp(ast.Or() if always else ast.And(), [node, ast.Constant(always)])


def _is_bare(node: ast.Return) -> bool:
    return node.value is None or _text(node.value) == "None"


def _is_deletable(node: ast.stmt, function: ast.FunctionDef) -> bool:
    if isinstance(node, ast.Return):
        return node is not function.body[-1]
    return isinstance(node, _DELETABLE)


def _is_condition(parent: ast.AST, field: str, function: ast.FunctionDef) -> bool:
    if isinstance(parent, ast.Return):
        return _text(function.returns) == "bool"
    return field in _CONDITIONS


def _is_all_of(parent: ast.AST, field: str) -> bool:
    """Whether a statement is the only one under a condition or a loop, which has the same mutant."""
    return (
        isinstance(parent, ast.If | ast.For)
        and field == "body"
        and len(parent.body) == 1
        and not parent.orelse
    )


def _only_speaks(node: ast.AST) -> bool:
    match node:
        case ast.Assert() | ast.AnnAssign(value=None):
            return True
        case ast.Expr(ast.Constant()) | ast.Expr(
            ast.Call(func=ast.Attribute(value=ast.Name(id="log")))
        ):
            return True
        case ast.Assign(value=value) | ast.AugAssign(value=value):
            # A part of a message.
            return isinstance(value, ast.JoinedStr) or (
                isinstance(value, ast.Constant) and " " in str(value.value)
            )
    return False


def _text(node: ast.AST | None) -> str:
    return textwrap.shorten(ast.unparse(node), _WIDTH, placeholder=" …") if node else ""

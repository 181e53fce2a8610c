"""The texts in a document of fields: JSON, and lines such as ``name: value`` or ``NAME=value``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate.reading.unwrapping import MAX_LAYERS, unwrap

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_VALUES = 100_000
"""Values of a JSON text that is decoded: a hundred times what a long list of secrets has."""

MAX_DEPTH = 50
"""Objects and lists within each other in a JSON text that is decoded."""

_BYTE_ORDER_MARK = "\ufeff"
_TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
_LINES = re.compile(
    r"^[ \t-]*+(?:export |set |\$env:)?+[\"']?+([A-Za-z_][A-Za-z0-9_./;-]{0,252}+)[\"']?+[ \t]*+(?:::?+|=)[ \t]*+"
    r"(?:[\"']?+([A-Za-z0-9+/=_-]{64,}+)[\"']?+[ \t,;]*+$"
    r"|[|>][-+0-9]{0,2}+[ \t]*+\n((?:[ \t]++[A-Za-z0-9+/=]++[ \t]*+(?:\n|\Z))++))",
    re.MULTILINE,
)
"""A name and a value in base64, on the same line or, as in YAML, indented below it."""

_MANIFEST = re.compile(r"^[ \t]*+apiVersion[ \t]*+:", re.MULTILINE)

_IGNORED = {"annotations", "managedFields"}
"""Of a Kubernetes object: ``kubectl apply`` keeps a copy of what was applied last in there."""

_NAME = re.compile("(?:[A-Z]?[a-z]{2,15}[._-]?){1,4}[0-9]?")
"""A field whose name may be repeated in a sentence: no key looks like this."""

_LONGEST_NAME = 40
_SHORTEST_INNER = 200
"""Characters of JSON that may hold a certificate or a key."""


@dataclass(frozen=True, slots=True)
class Object:
    """A JSON object, with all values of a field that is there more than once."""

    fields: dict[str, list[object]] = field(repr=False)

    def repeated(self) -> Iterator[tuple[str, int]]:
        """Yield the fields that are there more than once, and how often."""
        return ((name, len(values)) for name, values in self.fields.items() if len(values) > 1)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in a document."""

    name: str
    """Of the field that holds it."""

    value: str = field(repr=False)

    owners: tuple[int, ...]
    """The objects that it is in, the outermost first, by their numbers in the document."""


@dataclass(slots=True)
class Document:
    """A document of fields."""

    kind: str
    """``JSON``, or what else it is."""

    root: object = field(repr=False)
    """What the JSON text is: an ``Object``, a list or a single value."""

    texts: list[Text] = field(default_factory=list, repr=False)
    """All texts, in their order."""

    problems: list[str] = field(default_factory=list)
    """What makes it ambiguous, as sentences."""


def read_document(text: str) -> Document | None:
    """
    Read a document, also one that is in base64 as a whole.

    Returns:
        Its texts; None when it is no JSON and has no lines of the kind, or when it is JSON of more
        values or deeper than is decoded.
    """
    for _ in range(MAX_LAYERS + 1):
        if document := _json(text) or _lines(text):
            return document
        inner = unwrap(text)
        if inner is None:
            break
        text = inner.octets.decode("utf-8", errors="replace")
    return None


def spoken(name: str) -> str:
    """Return how to call a field in a sentence, where its name may be anything."""
    if len(name) <= _LONGEST_NAME and _NAME.fullmatch(name):
        return f"its field {name!r}"
    return "one of its fields"


def decode_json(text: str) -> object:
    """
    Decode JSON: ``Object``, lists, texts, true and false, and None for null and all numbers.

    Raises:
        ValueError: It is no JSON, or has more values or is deeper than is decoded.
    """
    _check_extent(text)

    import json  # noqa: PLC0415 (few inputs are JSON)

    def collect(pairs: list[tuple[str, object]]) -> Object:
        fields: dict[str, list[object]] = {}
        for name, value in pairs:
            fields.setdefault(name, []).append(value)
        return Object(fields)

    def ignore(_: str) -> None:
        # Converting a number takes time with the square of its digits.
        return None

    return json.loads(
        text,
        object_pairs_hook=collect,
        parse_int=ignore,
        parse_float=ignore,
        parse_constant=ignore,
    )


def _check_extent(text: str) -> None:
    if max(map(text.count, '{[,:"')) > 2 * MAX_VALUES:
        raise ValueError("there are too many values")
    depth = 0
    for token in _TOKENS.finditer(text):
        if token.group()[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ValueError("it is too deep")
        elif token.group()[0] in "]}":
            depth -= 1


def _json(text: str) -> Document | None:
    bare = text.removeprefix(_BYTE_ORDER_MARK).strip()
    if not bare.startswith(("{", "[", '"')):
        return None
    try:
        root = decode_json(bare)
    except ValueError:
        return None
    document = Document("JSON", root)
    _collect(document, root, layers=MAX_LAYERS)
    return document if document.texts or document.problems or isinstance(root, Object) else None


def _collect(document: Document, root: object, *, layers: int) -> None:
    count = 0
    waiting: list[tuple[str, object, tuple[int, ...], int]] = [("", root, (), layers)]
    while waiting:
        name, value, owners, left = waiting.pop()
        if isinstance(value, str):
            inner = _inner(value) if left else None
            if inner is None:
                document.texts.append(Text(name, value, owners))
            else:
                waiting.append((name, inner, owners, left - 1))
        elif isinstance(value, list):
            waiting += [(name, each, owners, left) for each in reversed(value)]
        elif isinstance(value, Object):
            count += 1
            document.problems += [
                f"{spoken(each)} appears {number} times." for each, number in value.repeated()
            ]
            waiting += [
                (each, values[-1], (*owners, count), left)
                for each, values in reversed(value.fields.items())
                if each not in _IGNORED
            ]


def _inner(value: str) -> object:
    """Decode JSON in a text of JSON, as ``aws secretsmanager get-secret-value`` prints it."""
    if len(value) < _SHORTEST_INNER or not value.lstrip().startswith("{"):
        return None
    try:
        return decode_json(value)
    except ValueError:
        return None


def _lines(text: str) -> Document | None:
    if "BEGIN" in text:
        return None
    lines = text.removeprefix(_BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n")
    texts = [
        Text(line.group(1), line.group(2) or line.group(3), (0,)) for line in _LINES.finditer(lines)
    ]
    if not texts:
        return None
    kind = "a Kubernetes manifest" if _MANIFEST.search(lines) else "a file of variables"
    return Document(kind, None, texts)

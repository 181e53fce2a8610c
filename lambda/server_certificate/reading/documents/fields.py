"""Extract texts from documents: JSON, and base64 in YAML, variables, emails and other text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate.pem import armor, spelling
from server_certificate.reading.recognition.unwrapping import MAX_LAYERS, unwrap
from server_certificate.reading.recognition.wide_text import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_VALUES = 100_000
"""The maximum number of values in JSON: a hundred times that of a long list of secrets."""

MAX_DEPTH = 50
"""The maximum nesting depth of JSON."""

_BYTE_ORDER_MARK = "\ufeff"
_TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
_RUNS = re.compile(
    # A lookbehind after the first character makes the search fast.
    r"[A-Za-z0-9+/_-](?<![A-Za-z0-9+/_-]{2})[A-Za-z0-9+/_-]{39,}+={0,2}+"
    # The next line, as in YAML, XML or an email, or as the next string literal of a program.
    r"(?:[\"']?+[ \t]*+[\\+.,&]?+[ \t]*+\n[ \t]*+[\"']?+"
    r"[A-Za-z0-9+/_-]++={0,2}+(?=[ \t]*+[\"'<\\+.,;&)\n]|[ \t]*+\Z))*+"
)
"""Base64 in other text, on one or several lines."""

_LINES_OF_RUN = re.compile("[A-Za-z0-9+/=_-]{2,}+")
_LONGEST_LINE = 128
"""The maximum line length of multi-line base64."""

_MANIFEST = re.compile(r"^[ \t]*+apiVersion[ \t]*+:", re.MULTILINE)

_IGNORED = {"annotations", "managedFields"}
"""Fields of Kubernetes objects in which ``kubectl apply`` keeps a copy of the last configuration."""

_LAST_APPLIED = re.compile(r"^[ \t]*+[\"']?+\{\"apiVersion\"[^\n]*+", re.MULTILINE)
"""That copy in YAML, on its own line."""

_NAME = re.compile("(?:[A-Z]?[a-z]{2,15}[._-]?){1,4}[0-9]?")
"""Field names that are safe to quote: no key looks like this."""

_LONGEST_NAME = 40
_SHORTEST_INNER = 200
"""The minimum length of JSON with a certificate or key."""


@dataclass(frozen=True, slots=True)
class Object:
    """A JSON object, with all values of repeated fields."""

    fields: dict[str, list[object]] = field(repr=False)

    def repeated(self) -> Iterator[tuple[str, int]]:
        """Yield the repeated fields with their counts."""
        return ((name, len(values)) for name, values in self.fields.items() if len(values) > 1)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in a document."""

    value: str = field(repr=False)

    owners: tuple[int, ...]
    """The numbers of the enclosing objects in the document, outermost first."""


@dataclass(slots=True)
class Document:
    """A document with fields."""

    kind: str
    """``JSON``, or another format."""

    root: object = field(repr=False)
    """The JSON value: an ``Object``, a list or a scalar."""

    texts: list[Text] = field(default_factory=list, repr=False)
    """All texts in order."""

    problems: list[str] = field(default_factory=list)
    """Reasons why it is ambiguous, as sentences."""


def read_document(text: str) -> Document | None:
    """
    Read a document, which can be encoded in base64 as a whole.

    Returns:
        The document; None if it is neither JSON nor contains base64, or exceeds the limits.
    """
    for _ in range(MAX_LAYERS + 1):
        if document := _json(text):
            return document
        inner = unwrap(text)
        if inner is None:
            # The cheapest check first: without base64 there is no content in any case.
            if not _RUNS.search(text):
                return None
            is_pem = any(True for _ in armor.find(spelling.decoded(text).text))
            return None if is_pem else _runs(text)
        text = text_of(inner.octets)
    return None


def field_phrase(name: str) -> str:
    """Return a noun phrase for a field, which quotes its name only if that is safe."""
    if len(name) <= _LONGEST_NAME and _NAME.fullmatch(name):
        return f"its field {name!r}"
    return "one of its fields"


def decode_json(text: str) -> object:
    """
    Decode JSON to ``Object``, lists, strings and booleans, with None for null and all numbers.

    Raises:
        ValueError: It is not JSON, or exceeds the limits.
    """
    _check_extent(text)

    import json  # noqa: PLC0415 (few inputs are JSON)

    def collect(pairs: list[tuple[str, object]]) -> Object:
        fields: dict[str, list[object]] = {}
        for name, value in pairs:
            fields.setdefault(name, []).append(value)
        return Object(fields)

    def ignore(_: str) -> None:
        # Converting a number takes quadratic time.
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
                raise ValueError("it is nested too deeply")
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
    waiting: list[tuple[object, tuple[int, ...], int]] = [(root, (), layers)]
    while waiting:
        value, owners, left = waiting.pop()
        if isinstance(value, str):
            inner = _inner(value) if left else None
            if inner is None:
                document.texts.append(Text(value, owners))
            else:
                waiting.append((inner, owners, left - 1))
        elif isinstance(value, list):
            text = _in_lines(value)
            waiting += [(each, owners, left) for each in ([text] if text else reversed(value))]
        elif isinstance(value, Object):
            count += 1
            document.problems += [
                f"{field_phrase(each)} appears {number} times." for each, number in value.repeated()
            ]
            waiting += [
                (values[-1], (*owners, count), left)
                for each, values in reversed(value.fields.items())
                if each not in _IGNORED
            ]


def _in_lines(values: list[object]) -> str | None:
    """Join a list of lines, such as Ansible's ``stdout_lines``, if it contains PEM."""
    texts = [value for value in values if isinstance(value, str)]
    if any("-----BEGIN" in text and "-----END" not in text for text in texts):
        return "\n".join(texts)
    return None


def _inner(value: str) -> object:
    """Decode JSON in a JSON string, as in the output of ``aws secretsmanager get-secret-value``."""
    if len(value) < _SHORTEST_INNER or not value.lstrip().startswith("{"):
        return None
    try:
        return decode_json(value)
    except ValueError:
        return None


def _runs(text: str) -> Document | None:
    lines = _LAST_APPLIED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    texts = [Text(value, (0,)) for run in _RUNS.finditer(lines) for value in _values(run.group())]
    if not texts:
        return None
    kind = "a Kubernetes manifest" if _MANIFEST.search(lines) else "a text"
    return Document(kind, None, texts)


def _values(run: str) -> Iterator[str]:
    """Join lines of base64 that have the same length, except for a shorter last one."""
    lines: list[str] = []
    for line in _LINES_OF_RUN.findall(run):
        lines.append(line)
        # The first line may be shorter because a name precedes it.
        usual = lines[1 if len(lines) > len("ab") else 0]
        if len(line) > _LONGEST_LINE or line.endswith("=") or len(line) < len(usual):
            yield "".join(lines)
            lines = []
    if lines:
        yield "".join(lines)

"""The texts in a document of fields: JSON, and base64 in YAML, variables, mails and other text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate.pem import armour, spelling
from server_certificate.reading.recognition.unwrapping import MAX_LAYERS, unwrap
from server_certificate.reading.recognition.wide_text import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_VALUES = 100_000
"""Values of a JSON text that is decoded: a hundred times what a long list of secrets has."""

MAX_DEPTH = 50
"""Objects and lists within each other in a JSON text that is decoded."""

_BYTE_ORDER_MARK = "\ufeff"
_TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
_RUNS = re.compile(
    # Looking back from behind the first character, a search passes over others quickly.
    r"[A-Za-z0-9+/_-](?<![A-Za-z0-9+/_-]{2})[A-Za-z0-9+/_-]{39,}+={0,2}+"
    # The next line, as in YAML, in XML, in a mail, or as the next string of a program.
    r"(?:[\"']?+[ \t]*+[\\+.,&]?+[ \t]*+\n[ \t]*+[\"']?+"
    r"[A-Za-z0-9+/_-]++={0,2}+(?=[ \t]*+[\"'<\\+.,;&)\n]|[ \t]*+\Z))*+"
)
"""Base64 among other text, on one line or on several."""

_LINES_OF_RUN = re.compile("[A-Za-z0-9+/=_-]{2,}+")
_LONGEST_LINE = 128
"""Characters of base64 that is broken into lines, at most."""

_MANIFEST = re.compile(r"^[ \t]*+apiVersion[ \t]*+:", re.MULTILINE)

_IGNORED = {"annotations", "managedFields"}
"""Of a Kubernetes object: ``kubectl apply`` keeps a copy of what was applied last in there."""

_LAST_APPLIED = re.compile(r"^[ \t]*+[\"']?+\{\"apiVersion\"[^\n]*+", re.MULTILINE)
"""That copy in YAML, on a line of its own."""

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
        Its texts; None when it is no JSON and has no base64 in it, or when it is JSON of more values
        or deeper than is decoded.
    """
    for _ in range(MAX_LAYERS + 1):
        if document := _json(text):
            return document
        inner = unwrap(text)
        if inner is None:
            # The cheapest question first: what has no base64 in it holds nothing either way.
            if not _RUNS.search(text):
                return None
            is_pem = any(True for _ in armour.find(spelling.decoded(text).text))
            return None if is_pem else _runs(text)
        text = text_of(inner.octets)
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
                f"{spoken(each)} appears {number} times." for each, number in value.repeated()
            ]
            waiting += [
                (values[-1], (*owners, count), left)
                for each, values in reversed(value.fields.items())
                if each not in _IGNORED
            ]


def _in_lines(values: list[object]) -> str | None:
    """Return a list of the lines of a text, such as Ansible's ``stdout_lines``, as the text."""
    texts = [value for value in values if isinstance(value, str)]
    if any("-----BEGIN" in text and "-----END" not in text for text in texts):
        return "\n".join(texts)
    return None


def _inner(value: str) -> object:
    """Decode JSON in a text of JSON, as ``aws secretsmanager get-secret-value`` prints it."""
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
    """Take lines of base64 together: of the same length, and a shorter one at the end."""
    lines: list[str] = []
    for line in _LINES_OF_RUN.findall(run):
        lines.append(line)
        # The first may be short because a name stands before it.
        usual = lines[1 if len(lines) > len("ab") else 0]
        if len(line) > _LONGEST_LINE or line.endswith("=") or len(line) < len(usual):
            yield "".join(lines)
            lines = []
    if lines:
        yield "".join(lines)

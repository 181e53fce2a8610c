"""
Bundles in documents with fields, from ``server-certificate store`` and other tools.

Fields named ``certificate``, ``privateKey`` and ``certificateChain``, in any spelling, contain
these parts. Other fields are identified by their content, regardless of their name and place: PEM,
or base64 of PEM, DER or a PKCS#12 bundle.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server_certificate.budget import Budget
from server_certificate.certificates.subject_names import name_of
from server_certificate.inputs import Input
from server_certificate.pem import MAX_CHARACTERS
from server_certificate.reading.documents.field_contents import FieldContent, field_content, written
from server_certificate.reading.documents.fields import Object, read_document
from server_certificate.reading.input_context import MAX_BLOCKS
from server_certificate.reading.recognition.naming import recognize_block
from server_certificate.reading.recognition.unwrapping import SHORTEST
from server_certificate.reading.recognition.wide_text import text_of
from server_certificate.reading.rules import (
    BUNDLE,
    BUNDLE_FIELD,
    EXTRA_BLOCK,
    SEVERAL_CERTIFICATES,
    WRONG_KIND,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from server_certificate import pem
    from server_certificate.findings import Finding
    from server_certificate.reading.documents.fields import Document, Text

CERTIFICATE_FIELD = "certificate"
PRIVATE_KEY_FIELD = "privateKey"
CHAIN_FIELD = "certificateChain"
"""Omitted if there is no chain."""

_FIELDS = (CERTIFICATE_FIELD, PRIVATE_KEY_FIELD, CHAIN_FIELD)
_PLAIN = {name.lower(): name for name in _FIELDS}
_MOST_NAMES = 5
_TYPES: dict[type, str] = {
    list: "a list, not a string",
    Object: "an object, not a string",
    type(None): "null or a number, not a string",
    bool: "a boolean, not a string",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonBundle:
    """The content of a document: the three parts, or one bundle."""

    kind: str = "JSON"
    """The format of the document."""

    certificate: Input | None = None
    chain: Input | None = None
    private_key: Input | None = None

    bundle: Input | None = None
    """All parts in one, if no field is named as the certificate; the others are None."""

    is_encoded: bool = False
    """Whether the fields are in base64."""

    problems: tuple[str, ...] = ()
    """Reasons why it can't be used, as sentences."""

    doubles: tuple[tuple[str, str], ...] = ()
    """Fields with a different spelling of another field's name, each with that field."""

    servers: tuple[str, ...] = ()
    """The names of the certificates, if they are for several servers."""

    left_out: tuple[str, ...] = ()
    """Other content that isn't needed, as noun phrases."""

    def findings(self, subject: str) -> tuple[Finding, ...]:
        """Return the findings about the bundle itself."""
        fix = "Provide the parts in PEM as strings."
        encoded = ", in base64" if self.is_encoded else ""
        message = (
            f"it contains the parts as fields of {self.kind}{encoded}; IAM requires them"
            " separately."
        )
        found = [
            *(WRONG_KIND.finding(subject, problem, fix) for problem in self.problems),
            *(
                BUNDLE_FIELD.finding(
                    subject,
                    f"it has the fields {name!r} and {known!r} with different values.",
                    "Remove the field that you don't need.",
                )
                for name, known in self.doubles
            ),
        ]
        if self.servers:
            names = ", ".join(self.servers[:_MOST_NAMES])
            more = len(self.servers) - _MOST_NAMES
            message_of_several = f"it contains the certificates of several servers: {names}"
            more_of_them = f" and {more:,} more" if more > 0 else ""
            found.append(
                SEVERAL_CERTIFICATES.finding(subject, f"{message_of_several}{more_of_them}.")
            )
        found += [
            EXTRA_BLOCK.finding(subject, f"it also contains {name}, which conversion removes.")
            for name in dict.fromkeys(self.left_out)
        ]
        return (*found, BUNDLE.finding(subject, message))

    def together(self) -> Input | None:
        """Return all parts as one input; None if there are none."""
        if self.certificate is None:
            return self.bundle
        parts = (self.private_key, self.certificate, self.chain)
        return Input(b"\n".join(part.content for part in parts if part is not None))


def read_json_bundle(given: Input) -> JsonBundle | None:
    """
    Read a bundle with fields.

    Returns:
        The parts; None if the input isn't such a document or contains no certificate.
    """
    if len(given.content) > MAX_CHARACTERS:
        return None
    document = read_document(text_of(given.content))
    if document is None:
        return None
    texts = [text for text in document.texts if len(text.value) >= SHORTEST]
    if len(texts) > MAX_BLOCKS:
        return None
    field_contents = [content for text in texts if (content := field_content(text))]
    if sum(len(each.blocks) for each in field_contents) > MAX_BLOCKS:
        return None
    bundle = _by_name(document, field_contents) or _by_content(field_contents)
    if bundle is None:
        return None
    return replace(
        bundle,
        kind=document.kind,
        is_encoded=any(each.is_encoded for each in field_contents),
        problems=(*document.problems, *bundle.problems),
    )


def write_json_bundle(*, certificate: str, chain: str | None, private_key: str) -> str:
    """Return the three parts in PEM as one JSON object."""
    import json  # noqa: PLC0415 (few inputs are JSON)

    parts = {CERTIFICATE_FIELD: certificate, PRIVATE_KEY_FIELD: private_key}
    if chain is not None:
        parts[CHAIN_FIELD] = chain
    return json.dumps(parts)


@dataclass(slots=True)
class _Named:
    """The fields of an object that are named like the three parts."""

    values: dict[str, object] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    doubles: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, root: Object) -> _Named:
        named = cls()
        # Exact spellings first.
        for name in sorted(root.fields, key=lambda name: name not in _FIELDS):
            known = _PLAIN.get(name.replace("_", "").replace("-", "").lower())
            if known is None:
                continue
            value = root.fields[name][-1]
            if known not in named.values:
                named.values[known] = value
                named.names[known] = name
            elif value != named.values[known]:
                named.doubles.append((name, named.names[known]))
        return named


def _by_name(document: Document, field_contents: list[FieldContent]) -> JsonBundle | None:
    """Find the parts by the names of the fields of the outermost object."""
    if not isinstance(document.root, Object):
        return None
    named = _Named.of(document.root)
    certificate = named.values.get(CERTIFICATE_FIELD)
    holds_pkcs12 = any(each.pkcs12 and each.text.value == certificate for each in field_contents)
    inside = set(_strings(certificate)) if isinstance(certificate, Object | list) else set()
    is_inside = any(each.certificates and each.text.value in inside for each in field_contents)
    if CERTIFICATE_FIELD not in named.values or holds_pkcs12 or is_inside:
        return None
    problems: list[str] = []
    texts: dict[str, str] = {}
    for known in _FIELDS:
        value = named.values.get(known)
        if known == CHAIN_FIELD and isinstance(value, list):
            lines = [item for item in value if isinstance(item, str)]
            value = "\n".join(lines) if len(lines) == len(value) else value
        if isinstance(value, str):
            if value.strip() or known == CERTIFICATE_FIELD:
                texts[known] = value
        elif known in named.values and (value is not None or known == CERTIFICATE_FIELD):
            kind = _TYPES.get(type(value), "not a string")
            problems.append(f"its field {named.names[known]!r} is {kind}.")
    named_values = {*texts.values()}
    for value in named.values.values():
        if isinstance(value, list):
            named_values.update(item for item in value if isinstance(item, str))
    return _with_others(texts, field_contents, named_values, problems, named)


def _with_others(
    texts: dict[str, str],
    field_contents: list[FieldContent],
    named_values: set[str],
    problems: list[str],
    named: _Named,
) -> JsonBundle:
    """Add the content of other fields for parts that no field is named after."""
    own = [each for each in field_contents if each.text.value in named_values]
    others = [each for each in field_contents if each.text.value not in named_values]
    contents = {known: _plain(value, own) for known, value in texts.items()}
    known_blocks = {_identity(block) for each in own for block in each.blocks}
    more = _distinct((block for each in others for block in each.certificates), known_blocks)
    if more:
        contents[CHAIN_FIELD] = "\n".join((contents.get(CHAIN_FIELD, ""), *map(written, more)))
    keys = [each for each in others if each.private_keys]
    left_out = [name for each in others for name in _unneeded(each)]
    if PRIVATE_KEY_FIELD not in contents and keys:
        contents[PRIVATE_KEY_FIELD] = "".join(
            map(written, _distinct((key for each in keys for key in each.private_keys), set()))
        )
    elif _distinct((key for each in keys for key in each.private_keys), known_blocks):
        left_out.append("a second private key")
    inputs = {known: Input(content.encode(errors="replace")) for known, content in contents.items()}
    return JsonBundle(
        certificate=inputs.get(CERTIFICATE_FIELD, Input(b"")),
        chain=inputs.get(CHAIN_FIELD),
        private_key=inputs.get(PRIVATE_KEY_FIELD),
        problems=tuple(problems),
        doubles=tuple(named.doubles),
        left_out=tuple(left_out),
    )


def _strings(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, Object):
            waiting += (item for values in each.fields.values() for item in values)


def _plain(value: str, field_contents: list[FieldContent]) -> str:
    """Return a text, decoded from base64 to PEM if necessary."""
    for each in field_contents:
        if each.is_encoded and each.text.value == value and each.blocks:
            return "".join(map(written, each.blocks))
    return value


def _by_content(field_contents: list[FieldContent]) -> JsonBundle | None:
    """Find the parts by the content of the fields."""
    with_certificates = [each for each in field_contents if each.certificates]
    bundles = [each for each in field_contents if each.pkcs12 is not None]
    if not with_certificates:
        distinct = list(dict.fromkeys(each.pkcs12 for each in bundles if each.pkcs12))
        if not distinct:
            alone = [each for each in field_contents if each.private_keys]
            return JsonBundle(bundle=Input(_joined(alone, []))) if alone else None
        several = f"it contains {len(distinct)} PKCS#12 bundles instead of one."
        return JsonBundle(
            bundle=Input(distinct[0]), problems=(several,) if len(distinct) > 1 else ()
        )
    budget = Budget()
    leaves = {
        leaf: each.text for each in reversed(with_certificates) if (leaf := each.leaf(budget))
    }
    if len(leaves) > 1:
        names = tuple(name_of(leaf) for leaf in reversed(leaves))
        return JsonBundle(servers=names)
    home = next(iter(leaves.values()), with_certificates[0].text)
    keys = _nearest([each for each in field_contents if each.private_keys], home)
    if len(_distinct((key for each in keys for key in each.private_keys), set())) > 1:
        keys = [each for each in keys if any(each.fits(leaf, budget) for leaf in leaves)] or keys
    left_out = [name for each in field_contents for name in _unneeded(each)]
    left_out += ["a PKCS#12 bundle" for _ in bundles]
    taken = {*map(id, keys)}
    if any(each.private_keys and id(each) not in taken for each in field_contents):
        left_out.append("a second private key")
    return JsonBundle(bundle=Input(_joined(keys, with_certificates)), left_out=tuple(left_out))


def _joined(keys: list[FieldContent], with_certificates: list[FieldContent]) -> bytes:
    selected = (*keys, *with_certificates)
    if any(block.problem for each in selected for block in each.blocks):
        # Reading them unchanged reports what is wrong.
        return "\n".join(dict.fromkeys(each.content for each in selected)).encode(errors="replace")
    blocks = (
        *(block for each in keys for block in each.private_keys),
        *(block for each in with_certificates for block in each.certificates),
    )
    return "".join(map(written, _distinct(blocks, set()))).encode()


def _nearest(keys: list[FieldContent], home: Text) -> list[FieldContent]:
    """Return the keys in the innermost object around the leaf that contains any."""
    for depth in range(len(home.owners), 0, -1):
        near = [each for each in keys if each.text.owners[:depth] == home.owners[:depth]]
        if near:
            return near
    return keys


def _unneeded(content: FieldContent) -> Iterator[str]:
    if content.other is not None:
        yield content.other
    for block in content.other_blocks:
        yield recognize_block(block, expected="certificate").name


def _distinct(blocks: Iterable[pem.Block], known: set[object]) -> list[pem.Block]:
    """Return the blocks that are not in a set, without duplicates."""
    found: list[pem.Block] = []
    seen = set(known)
    for block in blocks:
        identity = _identity(block)
        if identity not in seen:
            seen.add(identity)
            found.append(block)
    return found


def _identity(block: pem.Block) -> object:
    return block.armor or block.der or id(block)

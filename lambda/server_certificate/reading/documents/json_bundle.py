"""
Bundles in documents of fields: as ``server-certificate store`` writes them, and as others do.

Fields named ``certificate``, ``privateKey`` and ``certificateChain``, in any spelling, are these
parts. Other texts are known by what they hold, wherever they are and whatever their fields are
called: PEM, or base64 of PEM, of DER or of a PKCS#12 bundle.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server_certificate.budget import Budget
from server_certificate.certificates.subject_names import name_of
from server_certificate.inputs import Input
from server_certificate.pem import MAX_CHARACTERS
from server_certificate.reading.demand import MAX_BLOCKS
from server_certificate.reading.documents.field_contents import Held, held_in, written
from server_certificate.reading.documents.fields import Object, read_document
from server_certificate.reading.recognition.naming import recognise_block
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
"""Left out when there is no chain."""

_FIELDS = (CERTIFICATE_FIELD, PRIVATE_KEY_FIELD, CHAIN_FIELD)
_PLAIN = {name.lower(): name for name in _FIELDS}
_MOST_NAMES = 5
_TYPES: dict[type, str] = {
    list: "a list, not a text",
    Object: "an object, not a text",
    type(None): "null or a number, not a text",
    bool: "true or false, not a text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonBundle:
    """What a document of fields holds: the three parts, or one bundle."""

    kind: str = "JSON"
    """What kind of document it is."""

    certificate: Input | None = None
    chain: Input | None = None
    private_key: Input | None = None

    bundle: Input | None = None
    """Everything in one, where no field says that it is the certificate; the others are None."""

    is_encoded: bool = False
    """Whether the texts are in base64."""

    problems: tuple[str, ...] = ()
    """What makes it unusable, as sentences."""

    doubles: tuple[tuple[str, str], ...] = ()
    """Fields spelled almost like another one that is read, each with that one."""

    servers: tuple[str, ...] = ()
    """The names of the certificates, if there are those of several servers."""

    left_out: tuple[str, ...] = ()
    """What else it holds and is not needed, as noun phrases."""

    def findings(self, subject: str) -> tuple[Finding, ...]:
        """Return what there is to report about the bundle itself."""
        fix = "Give the parts in PEM, as texts."
        encoded = ", in base64" if self.is_encoded else ""
        message = f"it holds its parts as fields of {self.kind}{encoded}; IAM takes them apart."
        found = [
            *(WRONG_KIND.finding(subject, problem, fix) for problem in self.problems),
            *(
                BUNDLE_FIELD.finding(
                    subject,
                    f"it has the field {name!r} as well as {known!r}, and they differ.",
                    "Remove the one that is not meant.",
                )
                for name, known in self.doubles
            ),
        ]
        if self.servers:
            names = ", ".join(self.servers[:_MOST_NAMES])
            more = len(self.servers) - _MOST_NAMES
            message_of_several = f"it holds the certificates of several servers: {names}"
            more_of_them = f" and {more:,} more" if more > 0 else ""
            found.append(
                SEVERAL_CERTIFICATES.finding(subject, f"{message_of_several}{more_of_them}.")
            )
        found += [
            EXTRA_BLOCK.finding(subject, f"it also holds {name}, which is left out.")
            for name in dict.fromkeys(self.left_out)
        ]
        return (*found, BUNDLE.finding(subject, message))

    def together(self) -> Input | None:
        """Return all parts as one input; None when there are none."""
        if self.certificate is None:
            return self.bundle
        parts = (self.private_key, self.certificate, self.chain)
        return Input(b"\n".join(part.content for part in parts if part is not None))


def read_json_bundle(given: Input) -> JsonBundle | None:
    """
    Read a bundle of fields.

    Returns:
        Its parts; None when the input is no such document, or holds no certificate.
    """
    if len(given.content) > MAX_CHARACTERS:
        return None
    document = read_document(text_of(given.content))
    if document is None:
        return None
    texts = [text for text in document.texts if len(text.value) >= SHORTEST]
    if len(texts) > MAX_BLOCKS:
        return None
    held = [held for text in texts if (held := held_in(text))]
    if sum(len(each.blocks) for each in held) > MAX_BLOCKS:
        return None
    bundle = _by_name(document, held) or _by_content(held)
    if bundle is None:
        return None
    return replace(
        bundle,
        kind=document.kind,
        is_encoded=any(each.is_encoded for each in held),
        problems=(*document.problems, *bundle.problems),
    )


def write_json_bundle(*, certificate: str, chain: str | None, private_key: str) -> str:
    """Write the three parts, in PEM, as one JSON object."""
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
        # Those that are spelled exactly so come first.
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


def _by_name(document: Document, held: list[Held]) -> JsonBundle | None:
    """Take the parts from the fields of the outermost object that are named like them."""
    if not isinstance(document.root, Object):
        return None
    named = _Named.of(document.root)
    certificate = named.values.get(CERTIFICATE_FIELD)
    holds_pkcs12 = any(each.pkcs12 and each.text.value == certificate for each in held)
    inside = set(_strings(certificate)) if isinstance(certificate, Object | list) else set()
    is_inside = any(each.certificates and each.text.value in inside for each in held)
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
            kind = _TYPES.get(type(value), "no text")
            problems.append(f"its field {named.names[known]!r} is {kind}.")
    named_values = {*texts.values()}
    for value in named.values.values():
        if isinstance(value, list):
            named_values.update(item for item in value if isinstance(item, str))
    return _with_others(texts, held, named_values, problems, named)


def _with_others(
    texts: dict[str, str],
    held: list[Held],
    named_values: set[str],
    problems: list[str],
    named: _Named,
) -> JsonBundle:
    """Add what other fields hold, where the named ones leave it open."""
    own = [each for each in held if each.text.value in named_values]
    others = [each for each in held if each.text.value not in named_values]
    contents = {known: _plain(value, own) for known, value in texts.items()}
    known_blocks = {_identity(block) for each in own for block in each.blocks}
    more = _distinct((block for each in others for block in each.certificates), known_blocks)
    if more:
        contents[CHAIN_FIELD] = "\n".join((contents.get(CHAIN_FIELD, ""), *map(written, more)))
    keys = [each for each in others if each.private_keys]
    left_out = [name for each in others for name in _superfluous(each)]
    if PRIVATE_KEY_FIELD not in contents and keys:
        contents[PRIVATE_KEY_FIELD] = "".join(
            map(written, _distinct((key for each in keys for key in each.private_keys), set()))
        )
    elif _distinct((key for each in keys for key in each.private_keys), known_blocks):
        left_out.append("another private key")
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


def _plain(value: str, held: list[Held]) -> str:
    """Return a text, or what it holds in base64 as PEM."""
    for each in held:
        if each.is_encoded and each.text.value == value and each.blocks:
            return "".join(map(written, each.blocks))
    return value


def _by_content(held: list[Held]) -> JsonBundle | None:
    """Tell the parts by what the texts hold."""
    with_certificates = [each for each in held if each.certificates]
    bundles = [each for each in held if each.pkcs12 is not None]
    if not with_certificates:
        distinct = list(dict.fromkeys(each.pkcs12 for each in bundles if each.pkcs12))
        if not distinct:
            alone = [each for each in held if each.private_keys]
            return JsonBundle(bundle=Input(_joined(alone, []))) if alone else None
        several = f"it holds {len(distinct)} PKCS#12 bundles; one is read."
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
    keys = _nearest([each for each in held if each.private_keys], home)
    if len(_distinct((key for each in keys for key in each.private_keys), set())) > 1:
        keys = [each for each in keys if any(each.fits(leaf, budget) for leaf in leaves)] or keys
    left_out = [name for each in held for name in _superfluous(each)]
    left_out += ["a PKCS#12 bundle" for _ in bundles]
    taken = {*map(id, keys)}
    if any(each.private_keys and id(each) not in taken for each in held):
        left_out.append("another private key")
    return JsonBundle(bundle=Input(_joined(keys, with_certificates)), left_out=tuple(left_out))


def _joined(keys: list[Held], with_certificates: list[Held]) -> bytes:
    wanted = (*keys, *with_certificates)
    if any(block.problem for each in wanted for block in each.blocks):
        # Reading them as they are tells what is wrong.
        return "\n".join(dict.fromkeys(each.content for each in wanted)).encode(errors="replace")
    blocks = (
        *(block for each in keys for block in each.private_keys),
        *(block for each in with_certificates for block in each.certificates),
    )
    return "".join(map(written, _distinct(blocks, set()))).encode()


def _nearest(keys: list[Held], home: Text) -> list[Held]:
    """Return the keys in the innermost object around the leaf that has any."""
    for depth in range(len(home.owners), 0, -1):
        near = [each for each in keys if each.text.owners[:depth] == home.owners[:depth]]
        if near:
            return near
    return keys


def _superfluous(held: Held) -> Iterator[str]:
    if held.other is not None:
        yield held.other
    for block in held.strangers:
        yield recognise_block(block, wanted="certificate").name


def _distinct(blocks: Iterable[pem.Block], known: set[object]) -> list[pem.Block]:
    """Return blocks that are not known yet, each once."""
    found: list[pem.Block] = []
    seen = set(known)
    for block in blocks:
        identity = _identity(block)
        if identity not in seen:
            seen.add(identity)
            found.append(block)
    return found


def _identity(block: pem.Block) -> object:
    return block.armour or block.der or id(block)

"""Property-based tests: what holds for every input."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from dev.certificates.authority import NOW, Authority, Fault, self_signed, to_pem
from dev.certificates.forms import PASSPHRASE, Handed, forms_of, plain
from dev.certificates.keys import KeyType
from server_certificate import pem
from server_certificate.assessment import Assessment, Criteria, Given, Input, assess
from server_certificate.contract.properties import Property, parse_properties
from server_certificate.contract.sources import Source
from server_certificate.contract.values import PropertyError
from server_certificate.findings import Severity
from server_certificate.naming import check_name, check_path, content_name
from server_certificate.pem.lines import LABELS
from server_certificate.reading.reader import read, read_private_key
from server_certificate.rules.tags import check_tags
from support.certificates import loaded, loaded_chain, public_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

    from dev.certificates.authority import Issued

ROOT = Authority.root("Root")
RSA_ROOT = Authority.root("Root", key_type=KeyType.RSA)
LEAF = ROOT.intermediate("Upper").intermediate("Lower").leaf()
KEY = LEAF.key_pem()
STRANGER = self_signed("stranger.example.com")
PARAMETERS = pem.encode("EC PARAMETERS", bytes.fromhex("06082a8648ce3d030107"))
CRITERIA = Criteria(at=NOW)

MATERIAL = {
    "three above": LEAF,
    "one above": Authority.root().leaf(),
    "self-signed": self_signed(),
    "RSA": RSA_ROOT.intermediate().leaf(key_type=KeyType.RSA),
    "P-384": Authority.root().leaf(key_type=KeyType.P384),
    "Ed25519": Authority.root(key_type=KeyType.ED25519).leaf(key_type=KeyType.ED25519),
}
FORMS = [
    pytest.param(issued, handed, id=f"{material}, {name}")
    for material, issued in MATERIAL.items()
    for name, handed in forms_of(issued).items()
]

quick = settings(max_examples=100, deadline=None)

labels = st.sampled_from(["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"])
line_ends = st.sampled_from(["\n", "\r\n", " \n", "\n\n", "\r", "\\n"])
around = st.sampled_from(["", "\ufeff", "subject=CN = example\n", "\n# end\n", PARAMETERS])


@st.composite
def disorder(draw: st.DrawFn) -> Given:
    """Leaf and chain as users provide them: split anywhere, in any order, with repetitions."""
    above = draw(st.permutations(LEAF.chain()))
    moved = draw(st.integers(0, len(above)))
    body = draw(st.permutations([LEAF.certificate, *above[:moved]]))
    chain = [
        *above[moved:],
        *draw(st.lists(st.sampled_from((LEAF.certificate, *above)), max_size=3)),
    ]

    def text(certificates: Sequence[x509.Certificate]) -> str:
        blocks = (
            pem.encode(draw(labels), certificate.public_bytes(Encoding.DER))
            for certificate in certificates
        )
        parts = [draw(around) + block.replace("\n", draw(line_ends)) for block in blocks]
        return "".join(parts) + draw(around)

    if draw(st.booleans()):
        # All in one, the key anywhere between.
        texts = [text([certificate]) for certificate in (*body, *chain)]
        texts.insert(draw(st.integers(0, len(texts))), KEY)
        return Given(bundle=Input.of_text("".join(texts)))
    return Given(
        certificate=Input.of_text(text(body)),
        chain=Input.of_text(text(chain)) if chain else None,
        private_key=Input.of_text(KEY),
    )


@st.composite
def mutations(draw: st.DrawFn, content: bytes) -> bytes:
    """Damage octets in a few places."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 80)))
        twice = content[start:end] * 2
        put = draw(st.one_of(st.just(b""), st.binary(max_size=8), st.just(twice)))
        content = content[:start] + put + content[end:]
    return content


all_forms = [handed for issued in MATERIAL.values() for handed in forms_of(issued).values()]
contents = st.one_of(
    st.text(max_size=200).map(str.encode),
    st.binary(max_size=200),
    st.binary(max_size=200).map(lambda content: pem.encode("CERTIFICATE", content).encode()),
    st.binary(max_size=200).map(lambda content: pem.encode("PRIVATE KEY", content).encode()),
    st.sampled_from(
        [
            content
            for handed in all_forms
            for content in (handed.certificate, handed.chain, handed.private_key, handed.bundle)
            if content
        ]
    ).flatmap(lambda content: st.one_of(mutations(content), st.just(content))),
)
inputs = st.one_of(st.none(), contents.map(Input))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(st.sampled_from([*Source, "Key", "Value"]), st.text(max_size=5)),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)


def as_given(handed: Handed) -> Given:
    """Return material as users provide it."""

    def part(content: bytes | None) -> Input | None:
        return None if content is None else Input(content)

    return Given(
        certificate=part(handed.certificate),
        chain=part(handed.chain),
        private_key=part(handed.private_key),
        bundle=part(handed.bundle),
        passphrase=handed.passphrase,
    )


def again(result: Assessment) -> Assessment:
    """Assess what an assessment converted."""
    assert result.public is not None
    chain, key = result.public.chain_pem, result.private_key
    converted = Given(
        certificate=Input.of_text(result.public.certificate_pem),
        chain=None if chain is None else Input.of_text(chain),
        private_key=None if key is None else Input.of_text(key.pem),
    )
    return assess(converted, CRITERIA)


def assert_same_material(result: Assessment, issued: Issued) -> None:
    """Leaf, chain and key are those that were issued."""
    assert result.public is not None
    assert result.public.certificate == loaded(issued)
    assert result.public.chain == loaded_chain(issued)
    assert result.private_key is not None
    assert load(result.private_key.pem) == load(issued.key_pem())


def load(key: str) -> bytes:
    """Read a private key in PEM, and write it in a canonical form for comparison."""
    return load_pem_private_key(key.encode(), None).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )


def fragments(text: str) -> set[str]:
    """Return the parts of a key that a finding must not hold."""
    content = "".join(text.splitlines()[1:-1])
    return {content[start : start + 8] for start in range(len(content) - 7)}


SECRETS = fragments(KEY) | {PASSPHRASE, LEAF.key_der("sec1")[7:39].hex()}


def assert_no_secret(result: object, *sentences: object) -> None:
    """Neither a sentence nor a representation holds a part of the key, or the passphrase."""
    told = "\n".join(map(str, (repr(result), *sentences)))
    assert not any(secret in told for secret in SECRETS)


@pytest.mark.parametrize(("issued", "handed"), FORMS)
def test_every_form_is_the_same_material(issued: Issued, handed: Handed) -> None:
    """Leaf, chain and key have the same result in every format."""
    result = assess(as_given(handed), CRITERIA)
    assert_same_material(result, issued)
    left = {finding.code for finding in result.findings if finding.severity is not Severity.FIXABLE}
    assert left <= {"key-algorithm", "consumers-differ"}  # IAM knows nothing of Ed25519
    assert_no_secret(result, *result.findings)


@pytest.mark.parametrize(("issued", "handed"), FORMS)
def test_every_form_converts_once_and_for_all(issued: Issued, handed: Handed) -> None:
    """Converted material needs no conversion, and converting it again changes nothing."""
    result = assess(as_given(handed), CRITERIA)
    converted = again(result)
    assert_same_material(converted, issued)
    assert all(finding.severity is not Severity.FIXABLE for finding in converted.findings)
    assert converted.private_key is not None
    assert result.private_key is not None
    assert converted.private_key.pem == result.private_key.pem
    assert converted.accepted == result.accepted


@pytest.mark.parametrize("fault", Fault)
def test_a_fault_is_the_same_in_every_form(fault: Fault) -> None:
    """The findings about a certificate are the same in every format."""
    root = RSA_ROOT if fault is Fault.MD5 else ROOT
    issued = root.intermediate(key_type=root.key_type).leaf(fault=fault)
    expected = codes_other_than_format(assess(as_given(plain(issued)), CRITERIA))
    for name, handed in forms_of(issued).items():
        assert codes_other_than_format(assess(as_given(handed), CRITERIA)) == expected, name


def codes_other_than_format(result: Assessment) -> list[str]:
    """Return what was found that no converting fixes."""
    return [finding.code for finding in result.findings if finding.severity is not Severity.FIXABLE]


@quick
@given(disorder())
def test_any_disorder_converts_to_the_same(handed: Given) -> None:
    """Leaf and chain have the same result, however they are mixed."""
    result = assess(handed, CRITERIA)
    assert result.accepted, result.findings
    assert_same_material(result, LEAF)


@quick
@given(disorder())
def test_converting_is_idempotent(handed: Given) -> None:
    """Converted material needs no conversion."""
    result = assess(handed, CRITERIA)
    converted = again(result)
    assert converted.accepted_as_is
    assert converted.public == result.public
    assert converted.private_key is not None
    assert converted.private_key.pem == KEY


@quick
@given(inputs, inputs, inputs, inputs, st.sampled_from([None, "", "\0", PASSPHRASE]))
def test_no_input_is_too_strange(
    certificate: Input | None,
    chain: Input | None,
    key: Input | None,
    bundle: Input | None,
    passphrase: str | None,
) -> None:
    """Any input results in findings, and converted material has nothing left to fix."""
    handed = Given(
        certificate=certificate,
        chain=chain,
        private_key=key,
        bundle=bundle,
        passphrase=passphrase,
    )
    result = assess(handed, CRITERIA)
    assert all(finding.message.endswith(".") for finding in result.findings)
    assert all(str(finding).isprintable() for finding in result.findings)
    assert_no_secret(result, *result.findings)
    if result.public is not None and result.accepted:
        converted = again(result)
        assert converted.public == result.public
        assert converted.accepted_as_is, converted.findings


@quick
@given(contents, st.sampled_from([None, PASSPHRASE]))
def test_anything_can_be_inspected(content: bytes, passphrase: str | None) -> None:
    """Any file's content is described, without any part of a key."""
    held = read(Input(content), subject="file", passphrase=passphrase)
    assert held.kind
    assert_no_secret(held, *held.findings, held.kind, *held.others)


@quick
@given(mutations(KEY.encode()))
def test_no_part_of_a_damaged_key_is_quoted(content: bytes) -> None:
    """No finding or representation shows any part of a damaged key."""
    key, findings = read_private_key(content.decode("latin-1"))
    assert_no_secret(key, key, *findings)


@quick
@given(
    st.lists(
        st.tuples(
            st.sampled_from(LABELS),
            st.binary(min_size=1),
        )
    )
)
def test_pem_round_trip(blocks: list[tuple[str, bytes]]) -> None:
    """Reading a written text returns what was written."""
    parsed = pem.parse("".join(pem.encode(label, der) for label, der in blocks))
    assert [(block.label, block.der) for block in parsed.blocks] == blocks
    assert not parsed.has_other_text


@quick
@given(st.text(max_size=200), st.text("0123456789abcdef", min_size=16))
def test_any_name_and_path_can_be_checked(text: str, fingerprint: str) -> None:
    """No text makes the rules of names and paths fail, and sentences stay on one line."""
    findings = (*check_name(text), *check_path(text), *check_tags({text: text}))
    assert not any("\n" in str(finding) for finding in findings)
    if not tuple(check_name(text)):
        assert tuple(check_name(content_name(text, fingerprint))) == ()


@quick
@given(st.dictionaries(st.text(max_size=140), st.text(max_size=300), max_size=60))
def test_any_tags_can_be_checked(tags: dict[str, str]) -> None:
    """No tags make their rules fail."""
    assert all(finding.subject == "tags" for finding in check_tags(tags))


@quick
@given(st.dictionaries(st.sampled_from([*Property]), values))
def test_properties_are_read_or_refused(properties: dict[str, object]) -> None:
    """Any properties are either read or refused with a property error."""
    refusal = "."
    try:
        parse_properties(properties)
    except PropertyError as err:
        refusal = str(err)
    assert refusal.endswith(".")


def test_every_permutation_of_a_text() -> None:
    """All orders of leaf and chain in one text, one by one."""
    for certificates in itertools.permutations((LEAF.certificate, *LEAF.chain())):
        result = assess(Given(certificate=Input.of_text(to_pem(*certificates))), CRITERIA)
        assert result.public == public_of(LEAF)


def test_a_stranger_never_gets_in() -> None:
    """An unrelated certificate is refused at every position."""
    for certificates in itertools.permutations((*LEAF.chain(), STRANGER.certificate)):
        chain = Input.of_text(to_pem(*certificates))
        result = assess(Given(certificate=Input.of_text(LEAF.pem), chain=chain), CRITERIA)
        assert not result.accepted
        assert result.public is not None
        assert result.public.chain == loaded_chain(LEAF)

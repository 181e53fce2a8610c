"""What holds for all input, searched for rather than listed."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from server_certificate import pem
from server_certificate.assessment import Assessment, assess
from server_certificate.findings import Finding, Severity
from server_certificate.material import der
from server_certificate.naming import check_name, check_path, content_name
from server_certificate.reading import read_private_key
from server_certificate.resource_contract import Property, PropertyError, Source, parse_properties
from server_certificate.tags import check_tags
from support.certificates import NOW, Authority, self_signed, to_pem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

ROOT = Authority.root("Root")
LEAF = ROOT.intermediate("Upper").intermediate("Lower").leaf()
KEY = LEAF.key_pem()
STRANGER = self_signed("stranger.example.com")
PARAMETERS = pem.encode("EC PARAMETERS", bytes.fromhex("06082a8648ce3d030107"))

quick = settings(max_examples=100, deadline=None)

labels = st.sampled_from(["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"])
line_ends = st.sampled_from(["\n", "\r\n", " \n", "\n\n", "\r", "\\n"])
around = st.sampled_from(["", "\ufeff", "subject=CN = example\n", "\n# end\n", PARAMETERS])


@st.composite
def disorder(draw: st.DrawFn) -> tuple[str, str | None]:
    """Leaf and chain as people hand them over: split anywhere, in any order, with repetitions."""
    above = draw(st.permutations(LEAF.chain()))
    moved = draw(st.integers(0, len(above)))
    body = draw(st.permutations([LEAF.certificate, *above[:moved]]))
    chain = [
        *above[moved:],
        *draw(st.lists(st.sampled_from((LEAF.certificate, *above)), max_size=3)),
    ]

    def text(certificates: Sequence[x509.Certificate]) -> str:
        blocks = (pem.encode(draw(labels), der(certificate)) for certificate in certificates)
        parts = [draw(around) + block.replace("\n", draw(line_ends)) for block in blocks]
        return "".join(parts) + draw(around)

    return text(body), text(chain) if chain else None


@st.composite
def mutations(draw: st.DrawFn, text: str) -> str:
    """Damage a text in a few places."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 80)))
        put = draw(st.one_of(st.just(""), st.text(max_size=8), st.just(text[start:end] * 2)))
        text = text[:start] + put + text[end:]
    return text


texts = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200).map(lambda content: content.decode("latin-1")),
    st.binary(max_size=200).map(lambda content: pem.encode("CERTIFICATE", content)),
    st.binary(max_size=200).map(lambda content: pem.encode("PRIVATE KEY", content)),
    mutations(LEAF.fullchain_pem(root=True)),
    mutations(KEY),
    st.just(LEAF.pem),
    st.just(KEY),
)
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


def again(judged: Assessment) -> Assessment:
    """Assess what an assessment converted."""
    assert judged.public is not None
    return assess(
        certificate=judged.public.certificate_pem,
        chain=judged.public.chain_pem,
        private_key=judged.private_key.pem if judged.private_key else None,
        at=NOW,
    )


def fragments(text: str) -> set[str]:
    """Return the parts of a key that a finding must not hold."""
    content = "".join(text.splitlines()[1:-1])
    return {content[start : start + 8] for start in range(len(content) - 7)}


def holds_key(findings: tuple[Finding, ...]) -> bool:
    """Whether any sentence holds a part of the key."""
    told = "\n".join(str(finding) for finding in findings)
    return any(fragment in told for fragment in SECRETS)


SECRETS = fragments(KEY)


@quick
@given(disorder())
def test_any_disorder_converts_to_the_same(given_texts: tuple[str, str | None]) -> None:
    """However leaf and chain are mixed, the same leaf and chain come out."""
    certificate, chain = given_texts
    judged = assess(certificate=certificate, chain=chain, private_key=KEY, at=NOW)
    assert judged.accepted, judged.findings
    assert judged.public is not None
    assert judged.public.certificate == LEAF.certificate
    assert judged.public.chain == LEAF.chain()


@quick
@given(disorder())
def test_converting_is_idempotent(given_texts: tuple[str, str | None]) -> None:
    """What was converted needs no converting."""
    certificate, chain = given_texts
    judged = assess(certificate=certificate, chain=chain, private_key=KEY, at=NOW)
    converted = again(judged)
    assert converted.findings == ()
    assert converted.public == judged.public
    assert converted.private_key is not None
    assert converted.private_key.pem == KEY


@quick
@given(texts, st.one_of(st.none(), texts), st.one_of(st.none(), texts))
def test_no_text_is_too_strange(certificate: str, chain: str | None, key: str | None) -> None:
    """Whatever the texts hold, the answer is findings; and converting leaves nothing to mend."""
    judged = assess(certificate=certificate, chain=chain, private_key=key, at=NOW)
    assert all(finding.message.endswith(".") for finding in judged.findings)
    assert not any("\n" in str(finding) for finding in judged.findings)
    assert not holds_key(judged.findings)
    if judged.public is not None and judged.accepted:
        converted = again(judged)
        assert converted.public == judged.public
        assert not any(f.severity is Severity.FIXABLE for f in converted.findings)


@quick
@given(mutations(KEY))
def test_no_part_of_a_damaged_key_is_told(text: str) -> None:
    """However a key is damaged, no finding and no representation shows any of it."""
    key, findings = read_private_key(text)
    assert not holds_key(findings)
    assert repr(key) == str(key)
    assert repr(key) in {"None", "PrivateKey()"}


@quick
@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[A-Z0-9]([A-Z0-9 ]{0,20}[A-Z0-9])?", fullmatch=True),
            st.binary(min_size=1),
        )
    )
)
def test_pem_round_trip(blocks: list[tuple[str, bytes]]) -> None:
    """What is written is read back."""
    parsed = pem.parse("".join(pem.encode(label, der) for label, der in blocks))
    readable = [(block.label, block.der) for block in parsed.blocks if not block.encrypted]
    assert readable == [block for block in blocks if block[0] != "ENCRYPTED PRIVATE KEY"]
    assert not parsed.has_other_text


@quick
@given(st.text(max_size=200), st.text("0123456789abcdef", min_size=16))
def test_names_and_paths_are_judged_whatever_they_are(text: str, fingerprint: str) -> None:
    """No text makes the rules of names and paths fail, and sentences stay on one line."""
    findings = (*check_name(text), *check_path(text), *check_tags({text: text}))
    assert not any("\n" in str(finding) for finding in findings)
    if not check_name(text):
        assert check_name(content_name(text, fingerprint)) == ()


@quick
@given(st.dictionaries(st.text(max_size=140), st.text(max_size=300), max_size=60))
def test_tags_are_judged_whatever_they_are(tags: dict[str, str]) -> None:
    """No tags make their rules fail."""
    assert all(finding.subject == "tags" for finding in check_tags(tags))


@quick
@given(st.dictionaries(st.sampled_from([*Property]), values))
def test_properties_are_read_or_refused(properties: dict[str, object]) -> None:
    """Whatever CloudFormation sends is read, or refused with a property error."""
    refusal = "."
    try:
        parse_properties(properties)
    except PropertyError as err:
        refusal = str(err)
    assert refusal.endswith(".")


def test_every_permutation_of_a_text() -> None:
    """All orders of leaf and chain in one text, one by one."""
    for elements in itertools.permutations((LEAF.certificate, *LEAF.chain())):
        judged = assess(certificate=to_pem(*elements), chain=None, at=NOW)
        assert judged.public is not None
        assert (judged.public.certificate, judged.public.chain) == (LEAF.certificate, LEAF.chain())


def test_a_stranger_never_gets_in() -> None:
    """A certificate that does not belong there is refused wherever it stands."""
    for elements in itertools.permutations((*LEAF.chain(), STRANGER.certificate)):
        judged = assess(certificate=LEAF.pem, chain=to_pem(*elements), at=NOW)
        assert not judged.accepted
        assert judged.public is not None
        assert judged.public.chain == LEAF.chain()

"""
IAM's rules were read twice: by the checks, and by the local cloud, which shares no code with them.

Both are given the same cases. Where they disagree on purpose, the table says why; the page
docs/internals/two-readings.md shows the same table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dev import ROOT
from dev.certificates.authority import NOW, self_signed
from dev.certificates.forms import Handed, forms_of, plain
from dev.certificates.keys import KeyType
from local_cloud.iam import parameters
from local_cloud.iam.errors import IamError
from local_cloud.iam.material import accept
from local_cloud.iam.parameters import Request
from local_cloud.iam.tags import merge
from server_certificate.assessment import Criteria, Given, Input, assess
from server_certificate.findings import Severity
from server_certificate.naming import check_name, check_path
from server_certificate.rules.tags import check_tags
from support.cases import MATERIAL, MISTAKES, leaf, root

if TYPE_CHECKING:
    from collections.abc import Callable

    from server_certificate.assessment import Assessment

PAGE = ROOT / "docs/internals/two-readings.md"

STRICTER = {
    "chain-missing": "IAM has accepted a certificate without its chain, but its documentation requires"
    " one. Without it, clients can't find a path to their root.",
    "certificate-holds-chain": "IAM has split such text itself. We split it before the upload, so that"
    " later comparisons use what was uploaded.",
    "chain-repeats": "A self-signed root that appears twice certifies itself, so the chain is formally"
    " in order. We remove the repetition.",
    "pem-layout": "It is not known whether IAM accepts white space before a BEGIN line, or lines of more"
    " than 76 characters. The local cloud does. We rewrite all lines.",
    "chain-forks": "A root and its cross-signed twin have the same key, so formally either can follow the"
    " other. We keep one path.",
    **dict.fromkeys(
        (
            "chain-element-not-valid",
            "issuer-not-ca",
            "issuer-may-not-sign",
            "path-length-exceeded",
            "issuer-not-for-servers",
            "name-constraints-violated",
            "critical-extension-unknown",
            "needed-extension-unreadable",
            "precertificate",
            "signature-algorithms-differ",
            "self-signature-wrong",
        ),
        "IAM has not been observed to check this, but every client does. The finding can be accepted.",
    ),
}
"""What the local cloud takes as it is, and the checks refuse or convert; by code."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What both say about the same texts."""

    assessment: Assessment
    refusal: str | None
    """Code and message of the local cloud's error; None if it takes them."""

    accepted: bool

    @property
    def disagreement(self) -> frozenset[str]:
        """Codes of the table that explain why they disagree; empty when they agree."""
        if self.accepted == (self.refusal is None):
            return frozenset()
        found = self.assessment.findings
        assert not self.accepted, f"The local cloud refuses what is accepted: {self.refusal}"
        weighty = {one.code for one in found if one.severity in {Severity.ERROR, Severity.FIXABLE}}
        assert weighty <= STRICTER.keys(), f"The local cloud takes what has: {weighty}"
        return frozenset(weighty)


def refusal(*, body: str, private_key: str, chain: str | None) -> str | None:
    """Ask the local cloud, and return what it says against an upload."""
    query = {"CertificateBody": body, "PrivateKey": private_key}
    if chain is not None:
        query["CertificateChain"] = chain
    try:
        with Request(query) as request:
            request.required(parameters.CERTIFICATE_BODY)
            request.required(parameters.PRIVATE_KEY)
            request.optional(parameters.CERTIFICATE_CHAIN)
        accept(body=body, private_key=private_key, chain=chain, at=NOW)
    except IamError as err:
        return f"{err.code}: {err}"
    return None


def checked(handed: Handed) -> Assessment:
    """Ask the checks."""

    def part(content: bytes | None) -> Input | None:
        return None if content is None else Input(content)

    handed_over = Given(
        certificate=part(handed.certificate),
        chain=part(handed.chain),
        private_key=part(handed.private_key),
        bundle=part(handed.bundle),
        passphrase=handed.passphrase,
    )
    return assess(handed_over, Criteria(at=NOW))


def as_it_is(handed: Handed, assessment: Assessment) -> Compared | None:
    """Compare what both say about the parts as they were handed over; None for a bundle."""
    if handed.certificate is None or handed.private_key is None:
        return None
    refused = refusal(
        body=_text(handed.certificate),
        private_key=_text(handed.private_key),
        chain=None if handed.chain is None else _text(handed.chain),
    )
    return Compared(assessment, refused, assessment.accepted_as_is)


def converted(assessment: Assessment) -> Compared | None:
    """Compare what both say about what was converted; None if nothing can be uploaded."""
    if not assessment.accepted or assessment.public is None or assessment.private_key is None:
        return None
    refused = refusal(
        body=assessment.public.certificate_pem,
        private_key=assessment.private_key.pem,
        chain=assessment.public.chain_pem,
    )
    return Compared(assessment, refused, accepted=True)


def disagreements(handed: Handed) -> frozenset[str]:
    """Compare both before and after converting, and return why they disagree."""
    assessment = checked(handed)
    compared = (as_it_is(handed, assessment), converted(assessment))
    return frozenset[str]().union(*(one.disagreement for one in compared if one))


def _text(content: bytes) -> str:
    # As a tool sends a file that it believes to be text.
    return content.decode("utf-8", errors="replace")


@pytest.mark.parametrize("case", MATERIAL)
def test_every_form_of_every_case(case: str) -> None:
    """Whatever is wrong with material, and in every form, both say the same; or the table why."""
    for name, handed in forms_of(MATERIAL[case]()).items():
        try:
            disagreements(handed)
        except AssertionError as err:
            raise AssertionError(f"{case}, {name}: {err}") from None


@pytest.mark.parametrize("case", MISTAKES)
def test_every_mistake_in_handing_over(case: str) -> None:
    """Whatever is given in the wrong place, both say the same; or the table why."""
    disagreements(MISTAKES[case]())


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("chain-missing", lambda: plain(MATERIAL["no chain"]())),
        ("certificate-holds-chain", lambda: forms_of(leaf())["fullchain"]),
        ("chain-repeats", MISTAKES["the root twice"]),
        ("pem-layout", MISTAKES["an indented certificate"]),
        ("chain-forks", lambda: plain(MATERIAL["a root that is cross-signed, too"]())),
        ("chain-element-not-valid", lambda: plain(MATERIAL["intermediate, EXPIRED"]())),
        ("issuer-not-ca", lambda: plain(MATERIAL["intermediate, NO_AUTHORITY"]())),
        ("issuer-may-not-sign", lambda: plain(MATERIAL["root, MAY_NOT_SIGN"]())),
        ("path-length-exceeded", lambda: plain(MATERIAL["a path that is too long"]())),
        ("issuer-not-for-servers", lambda: plain(MATERIAL["an authority for clients"]())),
        (
            "name-constraints-violated",
            lambda: plain(MATERIAL["names that the authority may not certify"]()),
        ),
        (
            "critical-extension-unknown",
            lambda: plain(MATERIAL["an unknown critical extension"]()),
        ),
        ("needed-extension-unreadable", lambda: plain(MATERIAL["leaf, DAMAGED"]())),
        ("precertificate", lambda: plain(MATERIAL["a precertificate"]())),
        ("signature-algorithms-differ", lambda: plain(MATERIAL["another algorithm inside"]())),
        ("self-signature-wrong", lambda: plain(MATERIAL["a root that was changed"]())),
    ],
)
def test_no_row_is_stale(code: str, make: Callable[[], Handed]) -> None:
    """Each row of the table is needed: there is a case in which both disagree for that reason."""
    assert disagreements(make()) == {code}


def test_every_row_has_its_case() -> None:
    """The test above has a case for each row of the table."""
    (mark,) = test_no_row_is_stale.pytestmark  # type: ignore[attr-defined]
    assert [code for code, _ in mark.args[1]] == [*STRICTER]


def test_the_page_shows_the_table() -> None:
    """docs/internals/two-readings.md has the same rows as the table here."""
    rows = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if "findings.md#" in line
    ]
    expected = [
        f"| [`{code}`](../reference/findings.md#{code}) | {reason} |"
        for code, reason in STRICTER.items()
    ]
    assert rows == expected


@pytest.mark.parametrize("character", ["\xa0", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u3000"])
@pytest.mark.parametrize("place", [0, 40])
def test_odd_white_space(character: str, place: int) -> None:
    """White space that no PEM knows, outside a block or within, is seen by both."""
    text = leaf().pem
    odd = text[:place] + character + text[place:]
    disagreements(replace(plain(leaf()), certificate=odd.encode()))


# Search.

PARTS = sorted(
    {
        content
        for issued in (leaf(), self_signed(), root(KeyType.RSA).leaf(key_type=KeyType.RSA))
        for handed in forms_of(issued).values()
        for content in (handed.certificate, handed.chain, handed.private_key)
        if content
    }
)
quick = settings(max_examples=200, deadline=None)


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """Change octets in a few places: lose some, double some, put others in."""
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 70)))
        put = draw(
            st.one_of(
                st.just(b""),
                st.sampled_from([b"\n", b"\r", b" ", b"\t", b"-", b"=", b"\f", b"\x0b", b"\0"]),
                st.sampled_from(["\xa0".encode(), "\u2028".encode(), "\ufeff".encode(), b"\xff"]),
                st.binary(max_size=4),
                st.just(content[start:end] * 2),
            )
        )
        content = content[:start] + put + content[end:]
    return content


@st.composite
def handed_over(draw: st.DrawFn) -> Handed:
    """Parts that belong together, or not, and some of them damaged."""
    handed = draw(st.sampled_from(list(forms_of(leaf()).values())))
    if handed.bundle is not None:
        handed = plain(leaf())
    parts = {
        "certificate": handed.certificate or b"",
        "chain": handed.chain or b"",
        "private_key": handed.private_key or b"",
    }
    for name in draw(st.sets(st.sampled_from(sorted(parts)), max_size=2)):
        content = draw(st.one_of(st.just(parts[name]), st.sampled_from(PARTS)))
        parts[name] = draw(damaged(content))
    return Handed(
        certificate=parts["certificate"],
        chain=parts["chain"] or None,
        private_key=parts["private_key"],
        passphrase=handed.passphrase,
    )


@pytest.mark.parametrize("part", ["certificate", "chain", "private_key"])
@pytest.mark.parametrize("line", [1, 2, -1])
def test_empty_line_in_a_block(part: str, line: int) -> None:
    """White space can be anywhere in a block (RFC 7468)."""
    handed = plain(leaf())
    lines = getattr(handed, part).splitlines()
    lines.insert(line, b"")
    assert disagreements(replace(handed, **{part: b"\n".join([*lines, b""])})) == frozenset()


@pytest.mark.no_cover
@quick
@given(handed_over())
def test_any_texts(handed: Handed) -> None:
    """However texts are damaged, both say the same; or the table why."""
    disagreements(handed)


@pytest.mark.no_cover
@quick
@given(st.one_of(st.text(max_size=140), st.from_regex(r"[\w+=,.@-]{0,130}", fullmatch=True)))
@example("www")
@example("a" * 128)
@example("a" * 129)
@example("")
@example("a\n")
def test_any_name(name: str) -> None:
    """Both take the same names."""
    assert (not tuple(check_name(name))) == _takes(parameters.SERVER_CERTIFICATE_NAME, name)


@pytest.mark.no_cover
@quick
@given(st.one_of(st.text(max_size=20), st.from_regex(r"/([!-~]{0,300}/)?", fullmatch=True)))
@example("/")
@example("/" + "a" * 510 + "/")
@example("/" + "a" * 511 + "/")
@example("//")
@example("///")
@example("/a\x7f/")
@example("/a/\n")
def test_any_path(path: str) -> None:
    """Both take the same paths."""
    assert (not tuple(check_path(path))) == _takes(parameters.PATH, path)


tag_texts = st.one_of(st.text(max_size=4), st.from_regex(r"[\w .:/=+@-]{0,5}", fullmatch=True))


@pytest.mark.no_cover
@quick
@given(st.dictionaries(tag_texts, tag_texts, max_size=3))
@example({"k" * 128: "v" * 256})
@example({"k" * 129: ""})
@example({"k": "v" * 257})
@example({"aws:k": ""})
@example({"AWS:k": ""})
@example({"Key": "", "key": ""})
def test_any_tags(tags: dict[str, str]) -> None:
    """Both take the same tags."""
    query = {}
    for number, (key, value) in enumerate(tags.items(), 1):
        query |= {f"Tags.member.{number}.Key": key, f"Tags.member.{number}.Value": value}
    try:
        with Request(query) as request:
            merge((), request.optional_tags())
        taken = True
    except IamError:
        taken = False
    assert (not tuple(check_tags(tags))) == taken


def _takes(parameter: parameters.Text, text: str) -> bool:
    try:
        with Request({parameter.name: text}) as request:
            request.required(parameter)
    except IamError:
        return False
    return True

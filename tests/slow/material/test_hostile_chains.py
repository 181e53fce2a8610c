"""Chains that would take for ever if every signature were verified again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from dev.certificates import floods
from dev.certificates.authority import DAY, NOW, Authority, to_pem
from dev.certificates.extended import authority, server
from dev.certificates.keys import KeyType, rsa_public_key
from server_certificate.budget import MAX_VERIFICATIONS
from server_certificate.certificates import signatures
from server_certificate.certificates.signatures import Signatures
from server_certificate.chain.order import order
from server_certificate.description import describe
from server_certificate.findings import MOST_OF_A_KIND
from server_certificate.inputs import Input
from server_certificate.reading.input_context import MAX_BLOCKS
from server_certificate.reading.reader import read
from support.certificates import loaded, loaded_chain
from support.findings import codes
from support.hostile_input import checked

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    from server_certificate.certificates.certificate import Certificate

# A net, not a measurement: what is bounded takes a second, what is not takes minutes.
pytestmark = pytest.mark.timeout(60)


BELOW = Authority.root(floods.NAME).leaf()


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[Certificate]:
    """Note which certificates' signatures are verified, as often as they are."""
    noted: list[Certificate] = []
    verify_one = signatures._verify

    def verify(certificate: Certificate, key: CertificatePublicKeyTypes) -> None:
        noted.append(certificate)
        verify_one(certificate, key)

    monkeypatch.setattr(signatures, "_verify", verify)
    return noted


def _mesh(number: int) -> list[Authority]:
    """Make authorities of one name, of which each is certified by the one before it."""
    mesh = [Authority.root("Same")]
    for _ in range(number - 1):
        mesh.append(mesh[-1].intermediate("Same"))
    return mesh


def test_a_long_chain_takes_few_verifications(verified: list[Certificate]) -> None:
    """Each certificate of a chain is verified once, or twice: by its issuer and by itself."""
    authorities = [Authority.root("0")]
    for number in range(1, 400):
        authorities.append(authorities[-1].intermediate(str(number)))
    leaf = authorities[-1].leaf()
    assessment = checked(certificate=leaf.pem, above=to_pem(*leaf.chain()[::-1]))
    assert assessment.accepted
    assert [element.certificate for element in assessment.chain] == list(loaded_chain(leaf))
    assert len(verified) <= 2 * 401


def test_many_authorities_of_one_name(verified: list[Certificate]) -> None:
    """A few authorities of one name, in two texts and the wrong order, are told apart."""
    mesh = _mesh(20)
    leaf = mesh[-1].leaf()
    assessment = checked(certificate=to_pem(*mesh[8:], leaf), above=to_pem(*mesh[:8]))
    assert assessment.accepted
    assert assessment.public is not None
    assert assessment.public.chain == loaded_chain(leaf)
    assert len(verified) <= 21 * 21


def test_thousands_of_authorities_of_one_name(verified: list[Certificate]) -> None:
    """With as many namesakes as are read, trying ends, and says so."""
    root = Authority.root("Same")
    cross = [root.cross_sign(root) for _ in range(40)]
    namesakes = to_pem(*cross) * (MAX_BLOCKS // 40)
    assessment = checked(certificate=cross[0].leaf().pem, above=namesakes)
    assert len(verified) <= MAX_VERIFICATIONS
    assert len(assessment.findings) < 5 * (MOST_OF_A_KIND + 1)


def test_namesakes_are_given_up_soon(verified: list[Certificate]) -> None:
    """Who signed whom among hundreds of one name is left open, and that is an error."""
    mesh = _mesh(120)
    leaf = mesh[-1].leaf()
    assessment = checked(certificate=to_pem(*mesh, leaf))
    assert "too-many-namesakes" in codes(assessment.findings)
    assert not assessment.accepted
    assert len(verified) <= MAX_VERIFICATIONS


def test_questions_are_given_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once too many signatures were verified, it is not even asked any more who signed whom."""
    asked: list[int] = []
    certifies = Signatures.certifies

    def ask(signatures: Signatures, issuer: Certificate, subject: Certificate) -> bool:
        asked.append(1)
        return certifies(signatures, issuer, subject)

    monkeypatch.setattr(Signatures, "certifies", ask)
    mesh = _mesh(300)
    assessment = checked(certificate=to_pem(*mesh[:150], *mesh[151:]))
    assert "too-many-namesakes" in codes(assessment.findings)
    assert len(asked) < 20_000


def test_authorities_that_certify_each_other(verified: list[Certificate]) -> None:
    """If all authorities certify each other, a chain is found without trying all paths."""
    roots = [Authority.root("Same") for _ in range(6)]
    crossed = [
        loaded(issuer.cross_sign(subject))
        for issuer in roots
        for subject in roots
        if issuer is not subject
    ]
    leaf = roots[0].leaf()
    ordered = order(loaded(leaf), crossed)
    assert order(loaded(leaf), crossed[::-1]).chain == ordered.chain
    assert len(ordered.chain) + len(ordered.on_other_paths) == len(crossed)
    assert len(verified) <= 2 * (len(crossed) + 1) ** 2


def test_the_largest_keys_of_certificates(verified: list[Certificate]) -> None:
    """RSA keys of 16,384 bits are checked like any other; a longer key is reported."""
    root = Authority.root()
    largest = root.leaf(public_key=rsa_public_key(16_384))
    assert "key-size" not in codes(checked(certificate=largest.pem).findings)
    larger = root.leaf(public_key=rsa_public_key(16_385))
    assert "key-size" in codes(checked(certificate=larger.pem).findings)
    assert len(verified) <= 2 * 2


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.BrainpoolP512R1()])
def test_every_curve_is_verified(curve: ec.EllipticCurve) -> None:
    """Certificates on more expensive curves than usual are checked like any other."""
    key = ec.generate_private_key(curve)
    leaf = Authority.root().leaf(public_key=key.public_key())
    assert checked(certificate=leaf.pem, above=leaf.chain_pem()).accepted


@pytest.mark.parametrize(
    ("key", "count"),
    [
        (ec.generate_private_key(ec.SECP256R1()).public_key(), 4_999),
        (ec.generate_private_key(ec.BrainpoolP512R1()).public_key(), 4_000),
        (floods.dsa_public_key(2_048), 3_600),
        (rsa_public_key(16_384, exponent=(1 << 63) + 1), 1_000),
        (rsa_public_key(3_072, exponent=(1 << 3_070) + 1), 1_900),
        (rsa_public_key(16_385), 1_000),
    ],
)
@pytest.mark.parametrize("where", ["certificate", "above"])
def test_many_namesakes_are_refused(key: CertificatePublicKeyTypes, count: int, where: str) -> None:
    """Of thousands of certificates with the same name, not all are tried, whatever their keys."""
    text = floods.namesakes(key, count)
    assessment = (
        checked(certificate=text)
        if where == "certificate"
        else checked(certificate=BELOW.pem, above=text)
    )
    assert not assessment.accepted


def test_many_that_signed_themselves() -> None:
    """Of thousands of certificates that signed themselves, not all are verified."""
    key = ec.generate_private_key(ec.SECP521R1())
    text = floods.namesakes(key.public_key(), 3_000)
    certificates = read(Input.of_text(text), subject="file").certificates
    known = Signatures()
    described = [describe(element.certificate, known) for element in certificates]
    assert {one.self_signed for one in described} == {False, None}


def test_many_forks() -> None:
    """Two ways at each of hundreds of steps are not all walked."""
    above = [authority("0")]
    issuer = above[0]
    for number in range(1, 400):
        key = KeyType.P256.generate()
        twins = [
            authority(str(number), issuer=issuer, key=key, not_after=NOW + days * DAY)
            for days in (100, 200)
        ]
        issuer = twins[0]
        above += twins
    assessment = checked(certificate=server(issuer).pem, above=to_pem(*above))
    assert assessment.accepted
    assert len(assessment.chain) == 400


def test_a_large_certificate_and_many_issuers() -> None:
    """What is signed counts each time that another issuer is tried."""
    extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), bytes(40_000))
    leaf = server(authority(floods.NAME), (extension, False))
    text = floods.namesakes(ec.generate_private_key(ec.SECP256R1()).public_key(), 4_000)
    assessment = checked(certificate=leaf.pem, above=text)
    assert "too-many-namesakes" in codes(assessment.findings)

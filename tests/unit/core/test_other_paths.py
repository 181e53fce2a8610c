"""Several paths from a leaf to a root: which one is kept, and the findings about the others."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from dev.certificates.authority import DAY, NOW, SECOND, Authority, Issued, to_pem
from dev.certificates.extended import Extension, authority, server
from server_certificate.assessment import Assessment, Criteria, Given, Input, assess
from server_certificate.findings import Severity
from support.certificates import loaded
from support.findings import codes, only, places

if TYPE_CHECKING:
    from datetime import datetime

OLD = authority("Old Root")
NEW = authority("New Root")
ISSUER = authority("Issuer", issuer=NEW)
LEAF = server(ISSUER)


def crossed(*extensions: Extension, not_after: datetime = NOW + 365 * DAY) -> Authority:
    """Certify the new root by the old one."""
    return authority("New Root", *extensions, issuer=OLD, key=NEW.private_key, not_after=not_after)


def assess_now(*above: Issued, leaf: Issued = LEAF, at: datetime = NOW) -> Assessment:
    """Assess a leaf with these certificates as its chain."""
    given = Given(certificate=Input.of_text(leaf.pem), chain=Input.of_text(to_pem(*above)))
    return assess(given, Criteria(at=at, expiry_days=0))


def assert_kept(result: Assessment, *chain: Issued) -> None:
    """Assert that the material is accepted after conversion, with this chain."""
    assert result.accepted, result.findings
    assert not result.accepted_as_is
    assert [one.certificate for one in result.chain] == [loaded(issued) for issued in chain]


def test_an_expired_cross_sign_next_to_the_root_itself() -> None:
    """The path without an expired certificate is kept, in whatever order they are given."""
    expired = crossed(not_after=NOW - SECOND)
    for above in itertools.permutations((ISSUER, expired, OLD, NEW)):
        assert_kept(assess_now(*above), ISSUER, NEW)
    result = assess_now(ISSUER, expired, NEW)
    found = only(result.findings)
    assert (found.code, found.subject) == ("chain-forks", "chain[1]")
    assert found.severity is Severity.FIXABLE
    assert found.message == (
        "'CN=New Root' and chain[2] both issued 'CN=Issuer'; the path through chain[2] is kept:"
        " 'CN=New Root' expired on 2030-06-15T11:59:59Z; clients reject the chain."
    )


def test_certificates_above_the_other_path_are_left_out_with_it() -> None:
    """An old root that issued only a certificate that is left out is reported, too."""
    result = assess_now(ISSUER, crossed(not_after=NOW - SECOND), OLD, NEW)
    assert places(result.findings) == [("chain-forks", "chain[1]"), ("chain-forks", "chain[2]")]
    assert result.findings[1].message == (
        "'CN=Old Root' issued only 'CN=New Root', which is not in the chain (chain[1])."
    )


def test_a_valid_cross_sign_is_kept() -> None:
    """Clients that trust the new root have it, and others need the cross-signed one."""
    cross = crossed()
    for above in itertools.permutations((ISSUER, cross, OLD, NEW)):
        result = assess_now(*above)
        assert_kept(result, ISSUER, cross, OLD)
        assert "other-path-left-out" not in codes(result.findings)
    assert_kept(assess_now(ISSUER, NEW, cross), ISSUER, cross)


def test_a_path_that_ends_before_the_leaf() -> None:
    """The chosen path doesn't change on the day on which a cross-signed certificate expires."""
    cross = crossed(not_after=NOW + 20 * DAY)
    for above in itertools.permutations((ISSUER, cross, OLD, NEW)):
        for days in (0, 20, 21, 39):
            assert_kept(assess_now(*above, at=NOW + days * DAY), ISSUER, NEW)
    found = assess_now(ISSUER, cross, NEW).findings[0]
    assert found.message == (
        "'CN=New Root' and chain[2] both issued 'CN=Issuer'; the path through chain[2] is kept: the"
        " other one expires on 2030-07-05, before the certificate does."
    )


def test_a_path_that_begins_after_the_leaf() -> None:
    """A path that becomes valid tomorrow isn't chosen then, as long as the other one is valid."""
    later = authority("Issuer", issuer=NEW, key=ISSUER.private_key, not_before=NOW + DAY)
    for above in itertools.permutations((ISSUER, later, NEW)):
        for days in (0, 2):
            assert_kept(assess_now(*above, at=NOW + days * DAY), ISSUER, NEW)
    found = assess_now(ISSUER, later, NEW, at=NOW + 2 * DAY).findings[0]
    assert "is valid from 2030-06-16, later than the certificate" in found.message


def test_no_path_that_is_valid_as_long_as_the_leaf() -> None:
    """The path that is valid now is chosen, and of two valid ones the one that expires later."""
    key = ISSUER.private_key
    ending = authority("Issuer", issuer=NEW, key=key, not_after=NOW + 20 * DAY)
    beginning = authority("Issuer", issuer=NEW, key=key, not_before=NOW + 10 * DAY)
    for above in itertools.permutations((ending, beginning, NEW)):
        assert_kept(assess_now(*above), ending, NEW)
        assert_kept(assess_now(*above, at=NOW + 15 * DAY), beginning, NEW)
        assert_kept(assess_now(*above, at=NOW + 30 * DAY), beginning, NEW)


@pytest.mark.parametrize(
    "limit",
    [
        (x509.KeyUsage(*[True] + [False] * 8), True),
        (x509.NameConstraints([x509.DNSName("example.org")], None), True),
        (x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.4")]), False),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"), True),
    ],
)
def test_a_cross_sign_that_clients_refuse(limit: Extension) -> None:
    """A path that clients reject is not chosen if there is another."""
    result = assess_now(ISSUER, crossed(limit), OLD, NEW)
    assert_kept(result, ISSUER, NEW)
    assert codes(result.findings) == ["chain-forks", "chain-forks"]


def test_an_expired_old_root() -> None:
    """A path to an expired root is not chosen if there is another."""
    old = authority("Old Root", not_after=NOW - SECOND)
    cross = authority("New Root", issuer=old, key=NEW.private_key)
    assert_kept(assess_now(ISSUER, cross, old, NEW), ISSUER, NEW)


def test_two_intermediates_with_one_key() -> None:
    """If an intermediate was renewed, the expired certificate is left out."""
    expired = authority("Issuer", issuer=NEW, key=ISSUER.private_key, not_after=NOW - DAY)
    for above in itertools.permutations((expired, ISSUER, NEW)):
        assert_kept(assess_now(*above), ISSUER, NEW)


def test_three_generations_of_an_authority() -> None:
    """Of several valid certificates, the one that expires last is kept."""
    identifier = (x509.SubjectKeyIdentifier(b"same"), False)
    generations = [
        authority(
            "Issuer",
            identifier,
            issuer=NEW,
            key=ISSUER.private_key,
            not_after=NOW + days * DAY,
        )
        for days in (-1, 100, 700)
    ]
    leaf = server(generations[0], (x509.AuthorityKeyIdentifier(b"same", None, None), False))
    for above in itertools.permutations(generations):
        result = assess_now(*above, NEW, leaf=leaf)
        assert_kept(result, generations[2], NEW)
        assert [one.severity for one in result.findings] == [Severity.FIXABLE] * 2


def test_a_renewed_root() -> None:
    """Of two generations of a root, the valid one is kept; clients use their own copy anyway."""
    expired = authority("New Root", key=NEW.private_key, not_after=NOW - DAY)
    for above in itertools.permutations((ISSUER, expired, NEW)):
        assert_kept(assess_now(*above), ISSUER, NEW)


def test_the_key_that_a_certificate_names() -> None:
    """Of two issuers with the same name and key, the one with the leaf's key identifier is kept."""
    named, other = (
        authority(
            "Issuer", (x509.SubjectKeyIdentifier(key), False), issuer=NEW, key=ISSUER.private_key
        )
        for key in (b"named", b"other")
    )
    leaf = server(named, (x509.AuthorityKeyIdentifier(b"named", None, None), False))
    for above in itertools.permutations((named, other, NEW)):
        assert_kept(assess_now(*above, leaf=leaf), named, NEW)


def test_paths_to_different_roots() -> None:
    """A valid path to another root is left out with a warning: some clients may need it."""
    roots = [authority("One"), authority("Two")]
    key = ISSUER.private_key
    issuers = [
        authority("Issuer", issuer=root, key=key, not_after=NOW + days * DAY)
        for root, days in zip(roots, (200, 100), strict=True)
    ]
    leaf = server(issuers[0])
    result = assess_now(*issuers, *roots, leaf=leaf)
    assert_kept(result, issuers[0], roots[0])
    assert places(result.findings) == [
        ("chain-forks", "chain[1]"),
        ("chain-forks", "chain[3]"),
        ("other-path-left-out", "chain[3]"),
    ]
    found = result.findings[-1]
    assert found.severity is Severity.WARNING
    assert found.message == (
        "the path to 'CN=Two' is not in the chain; clients that trust it, but not 'CN=One', reject"
        " the chain."
    )
    # Without the roots, the same holds for what they are called.
    result = assess_now(*issuers, leaf=leaf)
    assert_kept(result, issuers[0])
    assert result.findings[-1].message == found.message


def test_following_the_advice_takes_the_other_path() -> None:
    """Following the fix results in a chain that needs no conversion."""
    cross = crossed()
    fix = only(assess_now(ISSUER, NEW, cross).findings).fix
    assert fix == "Conversion removes chain[1]; to keep it, remove chain[2]."
    assert assess_now(ISSUER, NEW).accepted_as_is


def test_authorities_that_certify_each_other() -> None:
    """A path does not come back to an authority, and ends at a root rather than in a circle."""
    one, two = authority("One"), authority("Two")
    one_by_two = authority("One", issuer=two, key=one.private_key)
    two_by_one = authority("Two", issuer=one, key=two.private_key)
    for above in itertools.permutations((one, two, one_by_two, two_by_one)):
        assert_kept(assess_now(*above, leaf=server(one)), one_by_two, two)
    for above in itertools.permutations((one, one_by_two, two_by_one)):
        assert_kept(assess_now(*above, leaf=server(one)), one)


def test_a_stranger_next_to_two_paths_is_still_refused() -> None:
    """A certificate that isn't on any path is still an error."""
    result = assess_now(ISSUER, crossed(), NEW, authority("Stranger"))
    assert not result.accepted
    assert ("chain-unrelated", "chain[3]") in places(result.findings) or (
        "chain-gap",
        "chain",
    ) in places(result.findings)


# Generations of the leaf.


def generations(*days: int) -> list[Issued]:
    """Issue one certificate of the same server and key for each number of days left."""
    return [
        server(
            ISSUER,
            key=LEAF.private_key,
            not_before=NOW - 90 * DAY,
            not_after=NOW + left * DAY,
        )
        for left in days
    ]


def assess_text(text: str, key: str | None = None) -> Assessment:
    """Assess a text with leaf and chain, and perhaps a key."""
    given = Given(
        certificate=Input.of_text(text),
        private_key=None if key is None else Input.of_text(key),
    )
    return assess(given, Criteria(at=NOW, expiry_days=0))


@pytest.mark.parametrize("key", [None, LEAF.key_pem()])
def test_three_generations_of_a_leaf(key: str | None) -> None:
    """The one that is valid is the leaf, and its predecessors are left out."""
    leaves = generations(-40, -1, 7)
    for given in itertools.permutations(leaves):
        result = assess_text(to_pem(*given, ISSUER, NEW), key)
        assert result.accepted, result.findings
        assert result.leaf is not None
        assert result.leaf.certificate == loaded(leaves[2])
        replaced = [one for one in result.findings if one.code == "certificate-replaced"]
        assert [one.severity for one in replaced] == [Severity.FIXABLE] * 2
        assert "has the same names as the certificate that is kept" in replaced[0].message


def test_a_predecessor_is_not_a_chain() -> None:
    """A leaf whose issuer is missing is reported, whatever else was left out."""
    (older, newer) = generations(-40, 7)
    result = assess_text(to_pem(older, newer))
    codes = {finding.code for finding in result.findings}
    assert {"certificate-replaced", "chain-missing"} <= codes
    assert not result.accepted


def test_the_generation_that_the_key_belongs_to() -> None:
    """If the newer certificate has another key, it is the leaf only if that key is given."""
    (older,) = generations(5)
    newer = server(ISSUER)
    for given in itertools.permutations((older, newer)):
        result = assess_text(to_pem(*given, ISSUER), newer.key_pem())
        assert result.accepted
        assert result.leaf is not None
        assert result.leaf.certificate == loaded(newer)
        result = assess_text(to_pem(*given, ISSUER), older.key_pem())
        assert result.leaf is not None
        assert result.leaf.certificate == loaded(older)
        # The key of the older certificate may have been provided by mistake.
        assert not result.accepted


def test_generations_that_end_at_once() -> None:
    """If only their keys differ and no key is given, neither is dropped: it is an error."""
    one, other = server(ISSUER), server(ISSUER)
    result = assess_text(to_pem(one, other, ISSUER))
    assert not result.accepted
    assert ("chain-unrelated", "certificate[1]") in places(result.findings)


def test_a_later_generation_that_is_not_valid_yet() -> None:
    """A certificate that becomes valid tomorrow is not used as the leaf today."""
    (today,) = generations(5)
    tomorrow = server(ISSUER, key=LEAF.private_key, not_before=NOW + DAY)
    result = assess_text(to_pem(tomorrow, today, ISSUER))
    assert result.accepted
    assert result.leaf is not None
    assert result.leaf.certificate == loaded(today)


def test_other_servers_are_not_generations() -> None:
    """A certificate for other names is refused next to the leaf, even if it has expired."""
    other = server(ISSUER, names=(x509.DNSName("other.example.com"),), not_after=NOW)
    result = assess_text(to_pem(LEAF, other, ISSUER))
    assert not result.accepted
    assert ("chain-unrelated", "certificate[1]") in places(result.findings)

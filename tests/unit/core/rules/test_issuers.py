"""Rules about who may issue what."""

from __future__ import annotations

import dataclasses
import subprocess
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import NOW, Authority, Fault, Issued, self_signed, to_pem
from server_certificate.chain import Signatures
from server_certificate.findings import Finding, Severity
from server_certificate.rules.issuers import check_issuers
from support.elements import chain_of
from support.findings import codes, only, places
from support.openssl import needs_openssl, openssl

if TYPE_CHECKING:
    from pathlib import Path

ROOT = Authority.root("Root")


def judge(leaf: Issued, *, root: bool = True) -> tuple[Finding, ...]:
    """Judge the chain of a leaf."""
    return tuple(check_issuers(chain_of(leaf, root=root), Signatures()))


def test_chains_as_they_should_be() -> None:
    """There is nothing to say about authorities that may issue."""
    assert judge(self_signed()) == ()
    assert judge(ROOT.leaf()) == ()
    assert judge(ROOT.intermediate("A").intermediate("B").leaf()) == ()
    assert judge(ROOT.intermediate("A").intermediate("B").leaf(), root=False) == ()


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (Fault.NO_AUTHORITY, "issuer-not-ca", "basic constraints say CA:FALSE;"),
        (Fault.VERSION_1, "issuer-not-ca", "has no basic constraints that say"),
        (Fault.MAY_NOT_SIGN, "issuer-may-not-sign", "key usage lacks keyCertSign;"),
        (Fault.DAMAGED, "extension-unreadable", "can't be read"),
    ],
)
def test_intermediates_that_may_not_issue(fault: Fault, code: str, words: str) -> None:
    """Each is a warning about the element itself, with its name."""
    chained = ROOT.intermediate("Odd", fault=fault).intermediate("Next").leaf()
    found = only(judge(chained))
    assert (found.code, found.subject, found.severity) == (code, "chain[1]", Severity.WARNING)
    assert "'CN=Odd'" in found.message
    assert words in found.message
    assert found.fix.endswith(".")


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (None, []),
        (Fault.VERSION_1, []),
        (Fault.NO_AUTHORITY, ["issuer-not-ca"]),
        (Fault.MAY_NOT_SIGN, ["issuer-may-not-sign"]),
        (Fault.DAMAGED, ["extension-unreadable"]),
    ],
)
def test_roots(fault: Fault | None, found: list[str]) -> None:
    """Only a root that signed itself may lack basic constraints, for old ones do."""
    assert codes(judge(Authority.root(fault=fault).leaf())) == found


def test_an_intermediate_at_the_end_is_no_root() -> None:
    """The last element needs basic constraints, too, unless it signed itself."""
    leaf = ROOT.intermediate(fault=Fault.VERSION_1).leaf()
    assert places(judge(leaf, root=False)) == [("issuer-not-ca", "chain[0]")]


def test_a_root_that_is_not_last() -> None:
    """Tolerance is for the end of a chain: what stands above makes an intermediate of it."""
    old = Authority.root("Old", fault=Fault.VERSION_1)
    leaf = old.leaf()
    above = dataclasses.replace(leaf, issuers=(*leaf.issuers, ROOT.certificate))
    assert places(judge(above)) == [("issuer-not-ca", "chain[0]")]


@pytest.mark.parametrize(
    ("allowed", "found"),
    [(0, ["path-length-exceeded"]), (1, ["path-length-exceeded"]), (2, []), (None, [])],
)
def test_path_length_of_a_root(allowed: int | None, found: list[str]) -> None:
    """A limit counts the authorities between, and neither the root nor the leaf."""
    root = Authority.root("Limited", path_length=allowed)
    leaf = root.intermediate("A").intermediate("B").leaf()
    assert codes(judge(leaf)) == found


def test_path_length_of_an_intermediate() -> None:
    """An authority that allows none may still issue leaves; the sentence says what is too much."""
    issuer = ROOT.intermediate("Issuer", path_length=0)
    assert judge(issuer.leaf()) == ()
    found = only(judge(issuer.intermediate("One").leaf()))
    assert (found.code, found.subject) == ("path-length-exceeded", "chain[1]")
    assert found.severity is Severity.WARNING
    assert found.message == (
        "'CN=Issuer' allows 0 authorities between itself and the leaf, and there is 1: 'CN=One';"
        " clients refuse the chain."
    )
    wider = ROOT.intermediate("Issuer", path_length=1).intermediate("One").intermediate("Two")
    found = only(judge(wider.leaf()))
    assert found.message == (
        "'CN=Issuer' allows 1 authority between itself and the leaf, and there are 2: 'CN=One',"
        " 'CN=Two'; clients refuse the chain."
    )
    assert found.fix.endswith("or this one issued with a path length of 2.")


def test_authorities_that_issued_themselves_do_not_count() -> None:
    """A roll-over of keys, name and issuer the same, needs no room in the limit."""
    root = Authority.root("Limited", path_length=1)
    leaf = root.intermediate("Limited").intermediate("Issuer").leaf()
    assert judge(leaf) == ()


@needs_openssl
@pytest.mark.parametrize(
    ("fault", "path_length"),
    [
        (None, None),
        (None, 1),
        (None, 0),
        (Fault.NO_AUTHORITY, None),
        (Fault.VERSION_1, None),
        (Fault.MAY_NOT_SIGN, None),
    ],
)
def test_openssl_agrees(fault: Fault | None, path_length: int | None, tmp_path: Path) -> None:
    """OpenSSL refuses what is found here, and nothing else."""
    issuer = Authority.root("Root", path_length=path_length).intermediate("A").intermediate("B")
    leaf = issuer.intermediate("C", fault=fault).leaf() if fault else issuer.leaf()
    for name, text in (
        ("root", to_pem(leaf.chain()[-1])),
        ("chain", leaf.chain_pem(root=False)),
        ("leaf", leaf.pem),
    ):
        (tmp_path / name).write_text(text)
    files = {name: str(tmp_path / name) for name in ("root", "chain", "leaf")}
    options = ["-CAfile", files["root"], "-untrusted", files["chain"]]
    at = ["-attime", str(int(NOW.timestamp()))]
    findings = judge(leaf)
    try:
        openssl("verify", *options, *at, files["leaf"])
    except subprocess.CalledProcessError:
        assert findings != ()
    else:
        assert findings == ()

"""The rule about lengths, at the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Authority
from server_certificate import pem
from server_certificate.material import PublicMaterial
from server_certificate.reading import sizes
from support.certificates import loaded, public_of
from support.findings import only

if TYPE_CHECKING:
    from dev.certificates.authority import Issued

ROOT = Authority.root("Root")


def _with_names(count: int) -> Issued:
    return ROOT.leaf(*(f"{number:04}.example.com" for number in range(count)))


def test_size_of_a_leaf() -> None:
    """A leaf is accepted up to IAM's limit, and one with more names than fit is refused."""
    fits, too_large = _with_names(600), _with_names(700)
    assert len(fits.pem) <= sizes.MAX_CERTIFICATE_CHARACTERS < len(too_large.pem)
    assert tuple(sizes.check_sizes(PublicMaterial(loaded(fits), ()))) == ()
    found = only(sizes.check_sizes(PublicMaterial(loaded(too_large), ())))
    assert (found.code, found.subject) == ("too-large", "certificate")
    assert found.message == (
        f"it has {len(too_large.pem):,} characters in PEM; IAM accepts at most 16,384."
    )


@pytest.mark.parametrize("excess", [0, 1])
@pytest.mark.parametrize("part", ["certificate", "chain"])
def test_sizes_at_the_limit(monkeypatch: pytest.MonkeyPatch, part: str, excess: int) -> None:
    """A text of exactly IAM's maximum length is accepted, and one more character is not."""
    leaf = ROOT.leaf()
    monkeypatch.setattr(sizes, "MAX_CERTIFICATE_CHARACTERS", len(leaf.pem))
    monkeypatch.setattr(sizes, "MAX_CHAIN_CHARACTERS", len(ROOT.pem))
    limit = "MAX_CERTIFICATE_CHARACTERS" if part == "certificate" else "MAX_CHAIN_CHARACTERS"
    monkeypatch.setattr(sizes, limit, getattr(sizes, limit) - excess)
    found = sizes.check_sizes(public_of(leaf))
    assert [finding.subject for finding in found] == [part] * excess


@pytest.mark.parametrize("excess", [0, 1])
def test_size_of_a_private_key(monkeypatch: pytest.MonkeyPatch, excess: int) -> None:
    """A key is counted as it would be uploaded, with its label."""
    block = pem.Block(label="PRIVATE KEY", der=bytes(1000))
    length = len(pem.encode(block.label, block.der))
    monkeypatch.setattr(sizes, "MAX_CERTIFICATE_CHARACTERS", length - excess)
    found = sizes.check_key_size(block)
    assert [finding.subject for finding in found] == ["private-key"] * excess


def test_limits_are_those_of_the_api() -> None:
    """The lengths are those of the API reference of UploadServerCertificate."""
    assert sizes.MAX_CERTIFICATE_CHARACTERS == 16_384
    assert sizes.MAX_CHAIN_CHARACTERS == 2_097_152

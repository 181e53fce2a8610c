"""Counts the work that input causes; its time and memory are for the benchmarks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from server_certificate import chain
from server_certificate.reading import key_derivation
from server_certificate.reading.secret import WrongPassphraseError

if TYPE_CHECKING:
    from server_certificate.certificate import Certificate


@dataclass(slots=True)
class Count:
    """How often something costly was done."""

    verifications: int = 0
    loads: list[str] = field(default_factory=list)


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Count:
    """Count verifications of signatures; and derivations of keys, which fail without being tried."""
    counted = Count()
    certifies = chain.certifies

    def verify(issuer: Certificate, subject: Certificate) -> bool:
        counted.verifications += 1
        return certifies(issuer, subject)

    def loader(name: str) -> object:
        def load(*_: object, **__: object) -> object:
            counted.loads.append(name)
            raise WrongPassphraseError

        return load

    monkeypatch.setattr(chain, "certifies", verify)
    for module, name in (
        (key_derivation, "PBKDF2HMAC"),
        (key_derivation, "Scrypt"),
        (pkcs12, "load_pkcs12"),
    ):
        monkeypatch.setattr(module, name, loader(name))
    return counted

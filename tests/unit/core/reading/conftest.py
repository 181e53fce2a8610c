"""Counts the work that input causes; its time and memory are for the benchmarks."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from server_certificate.reading.decryption import key_derivation
from server_certificate.reading.decryption.encoded_passphrase import WrongPassphraseError


@dataclass(slots=True)
class Count:
    """How often something costly was done."""

    loads: list[str] = field(default_factory=list)


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Count:
    """Count derivations of keys, which fail without being tried."""
    counted = Count()

    def loader(name: str) -> object:
        def load(*_: object, **__: object) -> object:
            counted.loads.append(name)
            raise WrongPassphraseError

        return load

    for module, name in (
        (key_derivation, "PBKDF2HMAC"),
        (key_derivation, "Scrypt"),
        (pkcs12, "load_pkcs12"),
    ):
        monkeypatch.setattr(module, name, loader(name))
    return counted

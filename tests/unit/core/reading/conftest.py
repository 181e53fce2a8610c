"""Counts the work that input causes; its time and memory are for the benchmarks."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives import serialization

from server_certificate.reading import pkcs12


@dataclass(slots=True)
class Count:
    """How often something costly was done."""

    loads: list[str] = field(default_factory=list)


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Count:
    """Count decryptions, which fail without being tried."""
    counted = Count()

    def loader(name: str) -> object:
        def load(*_: object, **__: object) -> object:
            counted.loads.append(name)
            raise ValueError

        return load

    for module, name in (
        (serialization, "load_der_private_key"),
        (serialization, "load_pem_private_key"),
        (pkcs12, "decrypt"),
    ):
        monkeypatch.setattr(module, name, loader(name))
    return counted

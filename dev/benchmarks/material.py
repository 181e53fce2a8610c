"""Material to measure with: any number of certificates, signed with a few keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from dev.certificates.authority import NOW, to_pem
from dev.certificates.issuing import authority_builder, leaf_builder, sign, subject
from dev.certificates.keys import KeyType, private_key_pem

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import (
        CertificateIssuerPrivateKeyTypes,
        CertificatePublicKeyTypes,
    )

AT = NOW
"""The instant at which everything here is valid."""

_DAY = timedelta(days=1)
_LEAF_LIFETIME = 40 * _DAY
_AUTHORITY_LIFETIME = 1825 * _DAY


@dataclass(frozen=True, slots=True)
class Triple:
    """A leaf, its chain and its key, in PEM, as they stand in three files."""

    certificate: bytes
    chain: bytes
    private_key: bytes

    def write(self, directory: Path) -> tuple[Path, Path, Path]:
        """Write the three files into a directory and return their paths, in this order."""
        directory.mkdir(parents=True, exist_ok=True)
        paths = tuple(
            directory / name for name in ("certificate.pem", "certificate-chain.pem", "key.pem")
        )
        for path, content in zip(
            paths, (self.certificate, self.chain, self.private_key), strict=True
        ):
            path.write_bytes(content)
        certificate, chain, private_key = paths
        return certificate, chain, private_key


@dataclass(frozen=True, slots=True)
class Pool:
    """
    A few keys that many certificates share.

    Making a key takes longer than everything that is measured; which one it is matters to nothing
    that is measured. Each certificate has a name and a serial number of its own.
    """

    key_type: KeyType
    keys: tuple[CertificateIssuerPrivateKeyTypes, ...]

    at: datetime = AT
    """When the certificates are issued."""

    @classmethod
    def make(cls, key_type: KeyType, count: int, *, at: datetime = AT) -> Pool:
        """Make the keys."""
        return cls(key_type, tuple(key_type.generate() for _ in range(count)), at)

    def triple(self, number: int, *, intermediates: int = 2) -> Triple:
        """
        Make a leaf with the intermediates that certify it; the root is left out.

        Args:
            number: Another number, other names.
            intermediates: How many.
        """
        names = [f"Authority {number}.{above}" for above in range(intermediates + 1)]
        host = f"host-{number}.example.com"
        leaf_key = self._key(number)
        leaf = self._sign(
            leaf_builder((host,), host, leaf_key.public_key()),
            names[0],
            self._key(number + 1),
            _LEAF_LIFETIME,
        )
        chain = [
            self._sign(
                authority_builder(names[above], self._key(number + above + 1).public_key()),
                names[above + 1],
                self._key(number + above + 2),
                _AUTHORITY_LIFETIME,
            )
            for above in range(intermediates)
        ]
        return Triple(
            to_pem(leaf).encode(), to_pem(*chain).encode(), private_key_pem(leaf_key).encode()
        )

    def longest_triple(self, characters: int) -> tuple[Triple, int]:
        """
        Make a leaf with so many intermediates that their text has almost so many characters.

        Returns:
            The triple and the number of intermediates.
        """
        # Names and signatures differ by a few characters.
        length = max(len(self.triple(number, intermediates=1).chain) for number in range(5)) + 20
        count = characters // length
        return self.triple(0, intermediates=count), count

    def namesakes(
        self, characters: int, public_key: CertificatePublicKeyTypes | None = None
    ) -> tuple[bytes, int]:
        """
        Make as many certificates of one name as have so many characters: any may certify any.

        Args:
            characters: How many.
            public_key: The key of all of them; those of the pool by default.

        Returns:
            The certificates and their number.
        """
        text, count = b"", 0
        name = "Same"
        one = b""
        while len(text) + len(one) <= characters:
            text, count = text + one, count + bool(one)
            key = public_key or self._key(count).public_key()
            builder = authority_builder(name, key)
            certificate = self._sign(builder, name, self._key(count + 1), _AUTHORITY_LIFETIME)
            one = to_pem(certificate).encode()
        return text, count

    def _key(self, number: int) -> CertificateIssuerPrivateKeyTypes:
        return self.keys[number % len(self.keys)]

    def _sign(
        self,
        builder: x509.CertificateBuilder,
        issuer: str,
        key: CertificateIssuerPrivateKeyTypes,
        lifetime: timedelta,
    ) -> x509.Certificate:
        return sign(
            builder.issuer_name(subject(issuer)),
            validity=(self.at - _DAY, self.at + lifetime),
            signer=key,
            signer_type=self.key_type,
        )

"""Assesses input that may be hostile."""

from __future__ import annotations

from dev.certificates.authority import NOW, Authority
from server_certificate.assessment import Assessment, Criteria, Given, Input, assess

LEAF = Authority.root().leaf()


def checked(
    *,
    certificate: str | bytes = LEAF.pem,
    above: str | bytes | None = None,
    private_key: str | bytes | None = None,
    bundle: bytes | None = None,
    passphrase: str | None = None,
) -> Assessment:
    """Assess parts, or a bundle instead."""

    def part(content: str | bytes | None) -> Input | None:
        if content is None:
            return None
        return Input(content) if isinstance(content, bytes) else Input.of_text(content)

    given = Given(
        certificate=None if bundle else part(certificate),
        chain=part(above),
        private_key=part(private_key),
        bundle=part(bundle),
        passphrase=passphrase,
    )
    return assess(given, Criteria(at=NOW))

"""All rules about the path from a leaf to its root: what makes all or some clients reject it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.rules.critical import check_critical_extensions
from server_certificate.rules.issuers import check_issuers
from server_certificate.rules.keys import check_issuer_keys
from server_certificate.rules.name_constraints import check_name_constraints
from server_certificate.rules.purposes import check_purposes
from server_certificate.rules.signatures import check_signatures
from server_certificate.rules.validity import check_chain_validity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.certificates.signatures import Signatures
    from server_certificate.findings import Finding


def check_certification_path(
    leaf: LocatedCertificate,
    chain: Sequence[LocatedCertificate],
    signatures: Signatures,
    *,
    at: datetime,
) -> Iterator[Finding]:
    """
    Check the path from a leaf to its root.

    Args:
        leaf: The server's own certificate.
        chain: Its chain, issuer first.
        signatures: Verifies who signed which certificate.
        at: The time to check validity at, with a time zone.
    """
    yield from check_signatures(leaf, chain, signatures)
    yield from check_critical_extensions((leaf, *chain))
    yield from check_chain_validity(chain, signatures, at=at)
    yield from check_issuers(leaf, chain, signatures)
    yield from check_name_constraints(leaf, chain)
    yield from check_purposes(leaf, chain)
    yield from check_issuer_keys(chain)

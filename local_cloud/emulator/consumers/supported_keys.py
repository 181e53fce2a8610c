"""
The kinds of keys that load balancers and CloudFront support: fewer than IAM does.

They are those that AWS Certificate Manager's user guide lists under "Prerequisites for importing ACM
certificates": all of ACM's for load balancers, and RSA and P-256 for CloudFront.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

if TYPE_CHECKING:
    from collections.abc import Collection

    from local_cloud.iam.store import ServerCertificate

_RSA_BITS = range(1024, 4097)
_OF_LOAD_BALANCERS = frozenset({"secp256r1", "secp384r1", "secp521r1"})
_OF_CLOUDFRONT = frozenset({"secp256r1"})


def is_supported_by_load_balancers(certificate: ServerCertificate) -> bool:
    """Return whether a listener can have a certificate with this key."""
    return _has_key_of(certificate, _OF_LOAD_BALANCERS)


def is_supported_by_cloudfront(certificate: ServerCertificate) -> bool:
    """Return whether a distribution can have a certificate with this key."""
    return _has_key_of(certificate, _OF_CLOUDFRONT)


def _has_key_of(certificate: ServerCertificate, curves: Collection[str]) -> bool:
    key = x509.load_pem_x509_certificate(certificate.material.body.encode()).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size in _RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in curves

"""
IAM's checks of a certificate, its private key and its chain at upload.

They follow the API reference of UploadServerCertificate and what is known of its answers. Where
nothing is known, they are strict, so that what passes here also passes there. This module shares
no code with the project's own checks, so that one mistake can't hide in both.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from local_cloud.iam.errors import (
    expired_certificate,
    invalid_chain,
    key_pair_mismatch,
    unparsable_certificate,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

_BLOCK = re.compile(
    r"-----BEGIN (?P<label>[A-Z0-9 ]+)-----\n(?P<content>[^-]*)\n-----END (?P=label)-----"
)
_WHITE_SPACE = " \t\n"
_WITHIN_BASE64 = re.compile(f"[{_WHITE_SPACE}]+")
_CERTIFICATE = "CERTIFICATE"
# PKCS#8 (RFC 5958), PKCS#1 (RFC 8017) and SEC 1 (RFC 5915), each unencrypted.
_KEY_LABELS = frozenset({"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"})


@dataclass(frozen=True, slots=True)
class Material:
    """
    What IAM stores of an upload, without the private key.

    Attributes:
        body: The server certificate: LF line ends, no newline at the end.
        chain: The chain in the same form, after any certificates that followed the first one in
            the body; None if there is none.
        expiration: The certificate's "Not After".
    """

    body: str
    chain: str | None
    expiration: datetime


@dataclass(frozen=True, slots=True)
class _Block:
    label: str
    content: str
    text: str


class _TextAroundBlocksError(Exception):
    """There is something other than white space before, between or after the PEM blocks."""

    def __init__(self, position: int) -> None:
        super().__init__()
        self.position = position


def accept(*, body: str, private_key: str, chain: str | None, at: datetime) -> Material:
    """
    Check an upload as IAM does, in IAM's order: parse, validity, key pair, chain.

    Args:
        body: CertificateBody. Further certificates in it move to the head of the chain.
        private_key: PrivateKey.
        chain: CertificateChain; without one, the issuer isn't checked.
        at: The instant at which the certificate must be valid.

    Raises:
        IamError: MalformedCertificate or KeyPairMismatch.
    """
    body_blocks = _certificate_blocks(body)
    certificates = [_certificate(block) for block in body_blocks]
    leaf = certificates[0]
    public_key = _public_key_of(private_key)
    chain_blocks: list[_Block] = []
    text_in_chain: int | None = None
    if chain is not None:
        try:
            chain_blocks = _blocks(chain)
        except _TextAroundBlocksError as error:
            text_in_chain = error.position
        certificates += [_certificate(block) for block in chain_blocks]

    if at > leaf.not_valid_after_utc:
        raise expired_certificate()
    if at < leaf.not_valid_before_utc:
        # Misleading, but IAM's answer.
        raise unparsable_certificate()
    if _encoded(leaf.public_key()) != _encoded(public_key):
        raise key_pair_mismatch()
    if text_in_chain is not None:
        raise invalid_chain(text_in_chain)
    _check_order(certificates)
    stored_chain = [*body_blocks[1:], *chain_blocks]
    return Material(
        body=body_blocks[0].text,
        chain="\n".join(block.text for block in stored_chain) or None,
        expiration=leaf.not_valid_after_utc,
    )


def _certificate_blocks(text: str) -> list[_Block]:
    try:
        return _blocks(text)
    except _TextAroundBlocksError:
        raise unparsable_certificate() from None


def _blocks(text: str) -> list[_Block]:
    """Split a text into PEM blocks with nothing but white space around them (RFC 7468)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rest = "\n".join(line.rstrip(_WHITE_SPACE) for line in lines)
    if "-----BEGIN " not in rest:
        raise unparsable_certificate()
    blocks: list[_Block] = []
    position = _after_white_space(rest, 0)
    while position < len(rest):
        match = _BLOCK.match(rest, position)
        if match is None:
            raise _TextAroundBlocksError(len(blocks))
        blocks.append(_Block(match["label"], match["content"], match[0]))
        position = _after_white_space(rest, match.end())
    return blocks


def _after_white_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in _WHITE_SPACE:
        position += 1
    return position


def _certificate(block: _Block) -> x509.Certificate:
    if block.label != _CERTIFICATE:
        raise unparsable_certificate()
    try:
        der = base64.b64decode(_WITHIN_BASE64.sub("", block.content), validate=True)
        certificate = x509.load_der_x509_certificate(der)
        certificate.public_key()
    except (binascii.Error, ValueError, x509.InvalidVersion, UnsupportedAlgorithm):
        raise unparsable_certificate() from None
    return certificate


def _public_key_of(private_key: str) -> PublicKeyTypes:
    """Read an unencrypted RSA or EC key; IAM isn't known to accept other kinds."""
    blocks = _certificate_blocks(private_key)
    if len(blocks) != 1 or blocks[0].label not in _KEY_LABELS:
        raise unparsable_certificate()
    # White space can be anywhere in a block (RFC 7468), but the library doesn't take empty lines.
    text = "\n".join(line for line in blocks[0].text.split("\n") if line)
    try:
        # Checking the primes of the largest key that IAM accepts would block the server.
        key = load_pem_private_key(
            text.encode(), password=None, unsafe_skip_rsa_key_validation=True
        )
    except (TypeError, ValueError, UnsupportedAlgorithm):
        raise unparsable_certificate() from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise unparsable_certificate()
    if isinstance(key, rsa.RSAPrivateKey) and not _is_consistent(key):
        raise unparsable_certificate()
    return key.public_key()


def _is_consistent(key: rsa.RSAPrivateKey) -> bool:
    """Return whether the secret numbers of a key belong to its public ones (RFC 8017 section 3.2)."""
    numbers = key.private_numbers()
    public = numbers.public_numbers
    return numbers.p * numbers.q == public.n and all(
        public.e * numbers.d % (prime - 1) == 1 for prime in (numbers.p, numbers.q)
    )


def _encoded(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _check_order(path: Sequence[x509.Certificate]) -> None:
    """Check that each certificate of the path certifies the one before it."""
    for index in range(len(path) - 1):
        if not _is_signed_by(path[index], path[index + 1]):
            raise invalid_chain(index - 1)


def _is_signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Return whether the issuer's name and key match the signature (RFC 5280 section 6.1.3)."""
    if certificate.issuer != issuer.subject:
        return False
    key = issuer.public_key()
    signature, content = certificate.signature, certificate.tbs_certificate_bytes
    try:
        algorithm = certificate.signature_hash_algorithm
        parameters = certificate.signature_algorithm_parameters
        if isinstance(key, rsa.RSAPublicKey):
            # The library has none for outdated digests; IAM isn't known to refuse them.
            scheme = parameters if isinstance(parameters, padding.PSS) else padding.PKCS1v15()
            if algorithm is None:
                return False
            key.verify(signature, content, scheme, algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            if algorithm is None:
                return False
            key.verify(signature, content, ec.ECDSA(algorithm))
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(signature, content)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True

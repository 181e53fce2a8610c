"""Rules about the issuers in a chain: whether each may issue the certificate below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

from server_certificate.certificates.subject_names import name_of
from server_certificate.findings import Rule, Severity
from server_certificate.rules.extensions import check_extensions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server_certificate.certificates.certificate import Certificate
    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.certificates.signatures import Signatures
    from server_certificate.findings import Finding

_AS_IT_IS = "The chain is uploaded unchanged, and clients that verify chains reject it."
_UNCHECKED = " IAM has not been observed to check this, but every client does."
ISSUER_NOT_CA = Rule(
    code="issuer-not-ca",
    severity=Severity.ERROR,
    why="Only a certificate whose basic constraints mark it as a certificate authority (CA) can"
    f" issue others.{_UNCHECKED} A self-signed root is accepted if it is of version 1, which"
    " has no extensions, or if its key usage allows signing certificates.",
    fix="Download the chain from the certificate authority. If you run the CA yourself, reissue its"
    " certificate with `basicConstraints=critical,CA:TRUE`.",
    source="RFC 5280, 4.2.1.9 and 6.1.4 (k); OpenSSL, `X509_check_ca`",
    acknowledged=_AS_IT_IS,
)
ISSUER_MAY_NOT_SIGN = Rule(
    code="issuer-may-not-sign",
    severity=Severity.ERROR,
    why=f"A key usage without `keyCertSign` forbids issuing certificates.{_UNCHECKED}",
    fix="Download the chain from the certificate authority. If you run the CA yourself, reissue its"
    " certificate with `keyUsage=critical,keyCertSign,cRLSign`.",
    source="RFC 5280, 4.2.1.3 and 6.1.4 (n)",
    acknowledged=_AS_IT_IS,
)
PATH_LENGTH_EXCEEDED = Rule(
    code="path-length-exceeded",
    severity=Severity.ERROR,
    why="A certificate authority (CA) can limit how many CAs there are between it and a leaf."
    f" Self-issued certificates don't count.{_UNCHECKED}",
    fix="Request a certificate from a CA that is allowed to issue it, or have the CA certificate"
    " above reissued with a larger `pathlen`.",
    source="RFC 5280, 4.2.1.9 and 6.1.4 (m)",
    acknowledged=_AS_IT_IS,
)
KEY_IDENTIFIER_MISMATCH = Rule(
    code="key-identifier-mismatch",
    severity=Severity.WARNING,
    why="A certificate can identify its issuer's key (`authorityKeyIdentifier`). OpenSSL, and with"
    " it curl, Python and others, skips an issuer with a different identifier, and then finds none."
    " Browsers and Go use the identifier only as a hint.",
    fix="Download the chain from the certificate authority again; it may have renewed the issuer's"
    " certificate.",
    source="RFC 5280, 4.2.1.1; OpenSSL, `X509_check_issued`",
    acknowledged="The chain is uploaded unchanged, and OpenSSL rejects it.",
)
RULES = (
    ISSUER_NOT_CA,
    ISSUER_MAY_NOT_SIGN,
    PATH_LENGTH_EXCEEDED,
    KEY_IDENTIFIER_MISMATCH,
)

_NAMED = 5
"""The maximum number of CAs named in a message."""


def check_issuers(
    leaf: LocatedCertificate, chain: Sequence[LocatedCertificate], signatures: Signatures
) -> Iterator[Finding]:
    """
    Check whether each certificate of a chain was allowed to issue the one below it.

    Args:
        leaf: The certificate at the start of the chain.
        chain: The chain in order, issuer of the leaf first.
        signatures: Verifies who signed which certificate.
    """
    between: list[Certificate] = []
    """The intermediates between an issuer and the leaf, without self-issued ones."""
    below = leaf
    for element in chain:
        certificate = element.certificate
        is_root = element is chain[-1] and signatures.is_self_signed(certificate)
        yield from check_extensions([element])
        yield from _check_authority(element, is_root=is_root)
        yield from _check_path_length(element, between)
        yield from _check_key_identifier(element, below)
        if not certificate.is_self_issued:
            between.append(certificate)
        below = element


def _check_authority(element: LocatedCertificate, *, is_root: bool) -> Iterator[Finding]:
    certificate = element.certificate
    is_version_1 = certificate.version is x509.Version.v1
    usage = certificate.extensions.value(x509.KeyUsage)
    constraints = certificate.extensions.value(x509.BasicConstraints)
    if constraints is not None:
        if not constraints.ca:
            yield ISSUER_NOT_CA.finding(
                element.subject,
                f"{name_of(certificate)} issued a certificate in the chain, but its basic"
                " constraints say CA:FALSE; clients reject the chain.",
                "Request a certificate from a certificate authority.",
            )
    elif not (
        certificate.extensions.is_unreadable(x509.BasicConstraints)
        or (is_root and (is_version_1 or usage is not None))
    ):
        reason = (
            "is of X.509 version 1, which can't mark it as a CA"
            if is_version_1
            else "has no basic constraints that mark it as a CA"
        )
        yield ISSUER_NOT_CA.finding(
            element.subject,
            f"{name_of(certificate)} issued a certificate in the chain, but {reason}; clients"
            " reject the chain.",
        )
    if usage is not None and not usage.key_cert_sign:
        yield ISSUER_MAY_NOT_SIGN.finding(
            element.subject,
            f"{name_of(certificate)} issued a certificate in the chain, but its key usage lacks"
            " keyCertSign; clients reject the chain.",
        )


def _check_path_length(
    element: LocatedCertificate, between: Sequence[Certificate]
) -> Iterator[Finding]:
    constraints = element.certificate.extensions.value(x509.BasicConstraints)
    allowed = constraints.path_length if constraints is not None else None
    if allowed is None or len(between) <= allowed:
        return
    names = ", ".join(map(name_of, between[: -_NAMED - 1 : -1]))
    more = f" and {len(between) - _NAMED:,} more" if len(between) > _NAMED else ""
    yield PATH_LENGTH_EXCEEDED.finding(
        element.subject,
        f"{name_of(element.certificate)} allows {allowed} {'CA' if allowed == 1 else 'CAs'} between"
        f" itself and the leaf, but there {'is' if len(between) == 1 else 'are'} {len(between):,}:"
        f" {names}{more}; clients reject the chain.",
        "Request a certificate from a CA that is allowed to issue it, or have this CA certificate"
        f" reissued with a path length of {len(between):,}.",
    )


def _check_key_identifier(
    element: LocatedCertificate, below: LocatedCertificate
) -> Iterator[Finding]:
    named = below.certificate.extensions.value(x509.AuthorityKeyIdentifier)
    if named is None:
        return
    issuer = element.certificate
    own = issuer.extensions.value(x509.SubjectKeyIdentifier)
    if own is not None and named.key_identifier not in {None, own.digest}:
        what = "key identifier"
    elif named.authority_cert_serial_number not in {None, issuer.serial_number}:
        what = "serial number"
    elif named.authority_cert_issuer and not _names(named.authority_cert_issuer, issuer.issuer):
        what = "issuer"
    else:
        return
    yield KEY_IDENTIFIER_MISMATCH.finding(
        element.subject,
        f"{name_of(issuer)} issued {name_of(below.certificate)} ({below.subject}), whose authority"
        f" key identifier has a different {what}; clients that use OpenSSL reject the chain.",
    )


def _names(names: Sequence[x509.GeneralName], issuer: x509.Name) -> bool:
    directory = [name.value for name in names if isinstance(name, x509.DirectoryName)]
    return not directory or directory[0] == issuer

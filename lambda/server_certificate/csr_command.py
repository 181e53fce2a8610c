"""Commands that create a certificate signing request, for the fixes of findings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cryptography.x509.oid import NameOID

from server_certificate.certificates.subject_names import dns_names
from server_certificate.description import describe_key

if TYPE_CHECKING:
    from server_certificate.certificates.certificate import Certificate

EXAMPLE = "www.example.com"
"""The name in a command if a certificate has no usable one."""

TAKEN_BY_ALL_RSA, TAKEN_BY_ALL_EC = "RSA 2048", "EC P-256"
"""Keys that IAM, all consumers and all browsers accept."""

_MOST_NAMES = 10
_LONGEST_COMMON_NAME = 64

# Only these characters are allowed in a command that a user may paste into a shell.
_HOST = re.compile(r"(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}|(?=[0-9a-f.]*:)[0-9a-f:.]+")


def request_command(
    certificate: Certificate, key: str | None = None, *, self_signed: bool = False
) -> str:
    """
    Return the command that creates a new key and a request for the same names.

    Args:
        certificate: The certificate to replace.
        key: The new key, ``RSA …`` or ``EC …``; None for a widely supported one of the same
            algorithm.
        self_signed: Whether to create a self-signed certificate instead of a request.
    """
    names = _names(certificate)
    if key is None:
        is_rsa = describe_key(certificate.public_key).is_rsa
        key = TAKEN_BY_ALL_RSA if is_rsa else TAKEN_BY_ALL_EC
    kind, _, size = key.partition(" ")
    new_key = f"rsa:{size}" if kind == "RSA" else f"ec -pkeyopt ec_paramgen_curve:{size}"
    common_name = names[0] if len(names[0]) <= _LONGEST_COMMON_NAME else ""
    what = (
        "-x509 -days 47 -addext basicConstraints=critical,CA:FALSE -out new-certificate.pem"
        if self_signed
        else "-new -out request.pem"
    )
    alternatives = ",".join(
        f"{'IP' if _ADDRESS.fullmatch(name) else 'DNS'}:{name}" for name in names
    )
    return (
        f"openssl req {what} -newkey {new_key} -nodes -keyout new-private-key.pem"
        f" -subj '/{f'CN={common_name}' if common_name else ''}'"
        f" -addext 'subjectAltName={alternatives}'"
    )


def _names(certificate: Certificate) -> tuple[str, ...]:
    """
    Return the current names, or else the common name.

    EXAMPLE is returned if one of them is unusable, or if there are none or too many.
    """
    names = dns_names(certificate)
    if not names:
        names = tuple(
            str(attribute.value)
            for attribute in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        )
    usable = tuple(name for name in names if _HOST.fullmatch(name) or _ADDRESS.fullmatch(name))
    return usable if 0 < len(usable) == len(names) <= _MOST_NAMES else (EXAMPLE,)

"""The attributes of a certificate for ``Fn::GetAtt``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.certificates.subject_names import dns_names
from server_certificate.contract.properties import Attribute
from server_certificate.fingerprint import sha256_fingerprint
from server_certificate_handler.errors import CertificateMissingError

if TYPE_CHECKING:
    from datetime import datetime

    from server_certificate_handler.kernel.stored import StoredCertificate


def attributes(stored: StoredCertificate) -> dict[str, str]:
    """
    Return the attributes of a stored certificate as strings.

    Raises:
        CertificateMissingError: IAM stores something other than an X.509 certificate.
    """
    if stored.public is None:
        raise CertificateMissingError(
            f"The content that IAM stores as '{stored.name}' is not an X.509 certificate."
        )
    leaf = stored.public.certificate
    return {
        Attribute.ARN: stored.arn,
        Attribute.SERVER_CERTIFICATE_ID: stored.certificate_id,
        Attribute.SERVER_CERTIFICATE_NAME: stored.name,
        Attribute.PATH: stored.path,
        Attribute.EXPIRATION: _instant(leaf.not_valid_after_utc),
        Attribute.UPLOAD_DATE: _instant(stored.upload_date) if stored.upload_date else "",
        Attribute.NOT_BEFORE: _instant(leaf.not_valid_before_utc),
        Attribute.FINGERPRINT: sha256_fingerprint(leaf),
        Attribute.SUBJECT_ALTERNATIVE_NAMES: ",".join(dns_names(leaf)),
    }


def _instant(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")

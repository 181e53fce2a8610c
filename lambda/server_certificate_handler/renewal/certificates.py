"""Read certificates from IAM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.contract.ownership import SECRET_VERSION_TAG, SecretVersion
from server_certificate_handler.renewal.facts import CertificateFacts

if TYPE_CHECKING:
    from types_boto3_iam.client import IAMClient

    from server_certificate_handler.renewal.calls import Calls

_PAGE_SIZE = 1000
"""The maximum of MaxItems (API reference, ListServerCertificates): as many as an account can have."""


@dataclass(frozen=True, slots=True)
class CertificateReader:
    """Reads certificates by ID."""

    client: IAMClient
    calls: Calls

    def names(self) -> dict[str, str]:
        """
        Return the names of all certificates of the account by ID.

        Raises:
            CallError: They can't be listed.
        """
        paginator = self.client.get_paginator("list_server_certificates")
        pages = self.calls.call(
            "iam:ListServerCertificates",
            "*",
            lambda: list(paginator.paginate(PaginationConfig={"PageSize": _PAGE_SIZE})),
        )
        return {
            metadata["ServerCertificateId"]: metadata["ServerCertificateName"]
            for page in pages
            for metadata in page["ServerCertificateMetadataList"]
        }

    def read(self, name: str) -> CertificateFacts:
        """
        Return a certificate.

        Raises:
            CallError: It can't be read.
        """
        answer = self.calls.call(
            "iam:GetServerCertificate",
            name,
            lambda: self.client.get_server_certificate(ServerCertificateName=name),
        )
        metadata = answer["ServerCertificate"]["ServerCertificateMetadata"]
        tags = {tag["Key"]: tag["Value"] for tag in answer["ServerCertificate"].get("Tags", [])}
        version = SecretVersion.of(tags.get(SECRET_VERSION_TAG, ""))
        return CertificateFacts(
            arn=metadata["Arn"],
            name=metadata["ServerCertificateName"],
            expiration=metadata["Expiration"],
            version_id=version.version_id if version else None,
        )

"""Read the server certificates of an account."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING

from server_certificate.description import timestamp
from server_certificate_cli.aws.domains import domains_of
from server_certificate_cli.aws.errors import ACCESS_DENIED, AwsRefusedError, explain_errors
from server_certificate_cli.aws.owner import OwningStack
from server_certificate_cli.aws.session import IAM

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from types_boto3_iam.client import IAMClient
    from types_boto3_iam.type_defs import ServerCertificateMetadataTypeDef

MISSING = "NoSuchEntity"

_THREADS = 4
"""The maximum number of concurrent requests. Each request is for one certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSummary:
    """The metadata of a certificate, as in a list."""

    name: str
    path: str
    certificate_id: str
    arn: str
    expiration: datetime | None
    upload_date: datetime | None

    @classmethod
    def of(cls, metadata: ServerCertificateMetadataTypeDef) -> CertificateSummary:
        """Convert a response. In the API, both dates are optional."""
        return cls(
            name=metadata["ServerCertificateName"],
            path=metadata["Path"],
            certificate_id=metadata["ServerCertificateId"],
            arn=metadata["Arn"],
            expiration=_utc(metadata.get("Expiration")),
            upload_date=_utc(metadata.get("UploadDate")),
        )

    def days_left(self, at: datetime) -> int | None:
        """Return the whole days until it expires, negative afterwards; None if the date is unknown."""
        return None if self.expiration is None else (self.expiration - at).days

    def as_json(self, at: datetime) -> dict[str, object]:
        """
        Return the summary as JSON.

        Args:
            at: The time from which to count the days.
        """
        return {
            "name": self.name,
            "path": self.path,
            "id": self.certificate_id,
            "arn": self.arn,
            "upload_date": self.upload_date and timestamp(self.upload_date),
            "expiration": self.expiration and timestamp(self.expiration),
            "days_left": self.days_left(at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateDetails:
    """All that IAM returns about a certificate; the private key is never part of it."""

    listed: CertificateSummary
    body: str
    chain: str | None
    tags: dict[str, str]

    @property
    def owner(self) -> OwningStack | None:
        """The stack that owns it; None if its tags name no stack."""
        return OwningStack.of(self.tags)

    @property
    def domains(self) -> tuple[str, ...]:
        """The names that it is valid for; see ``domains_of``."""
        return domains_of(self.body)

    @property
    def pem(self) -> str:
        """The certificate and the chain, each with the final line break that IAM removes."""
        return "".join(f"{text.rstrip()}\n" for text in (self.body, self.chain) if text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """Certificates that could be read."""

    known: dict[str, CertificateDetails] = field(default_factory=dict)
    """By ServerCertificateId."""

    problem: AwsRefusedError | None = None
    """The first reason why others are missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """The number of server certificates in an account, and the maximum."""

    used: int
    limit: int


class Certificates:
    """Reads server certificates from IAM."""

    def __init__(self, client: IAMClient, *, profile: str | None) -> None:
        """
        Create a reader.

        Args:
            client: The client for IAM.
            profile: The profile from the command line, for messages.
        """
        self._client = client
        self._profile = profile

    def all(self, path_prefix: str | None = None) -> list[CertificateSummary]:
        """
        List all certificates, in IAM's order.

        Args:
            path_prefix: Only list certificates whose paths begin with this. Default: all.

        Raises:
            AwsRefusedError: The request failed.
        """
        with explain_errors(IAM, profile=self._profile):
            paginator = self._client.get_paginator("list_server_certificates")
            pages = (
                paginator.paginate(PathPrefix=path_prefix) if path_prefix else paginator.paginate()
            )
            return [
                CertificateSummary.of(metadata)
                for page in pages
                for metadata in page.get("ServerCertificateMetadataList", [])
            ]

    def details(self, certificates: Sequence[CertificateSummary]) -> Details:
        """Read certificates with their tags. Those that can't be read are omitted."""
        known: dict[str, CertificateDetails] = {}
        problems: list[AwsRefusedError] = []
        stop = threading.Event()

        def ask(certificate: CertificateSummary) -> None:
            if stop.is_set():
                return
            try:
                read = self.get(certificate.name)
            except AwsRefusedError as err:
                problems.append(err)
                if err.code != ACCESS_DENIED:
                    # Access is denied per certificate. Other errors would happen again.
                    stop.set()
                return
            # It could have been deleted or renamed after it was listed.
            if read is not None and read.listed.certificate_id == certificate.certificate_id:
                known[certificate.certificate_id] = read

        with ThreadPoolExecutor(max_workers=_THREADS) as threads:
            try:
                list(threads.map(ask, certificates))
            except BaseException:
                stop.set()
                raise
        return Details(known=known, problem=problems[0] if problems else None)

    def tags(self, name: str) -> dict[str, str]:
        """
        Return the tags of a certificate from the action that is for tags only.

        Raises:
            AwsRefusedError: The request failed.
        """
        with explain_errors(IAM, profile=self._profile):
            paginator = self._client.get_paginator("list_server_certificate_tags")
            return {
                tag["Key"]: tag["Value"]
                for page in paginator.paginate(ServerCertificateName=name)
                for tag in page.get("Tags", [])
            }

    def quota(self) -> Quota | None:
        """Return the account's quota; None if it can't be read, because nothing depends on it."""
        try:
            with explain_errors(IAM, profile=self._profile):
                summary = self._client.get_account_summary()["SummaryMap"]
        except AwsRefusedError:
            return None
        used, limit = summary.get("ServerCertificates"), summary.get("ServerCertificatesQuota")
        return None if used is None or limit is None else Quota(used=used, limit=limit)

    def get(self, name: str) -> CertificateDetails | None:
        """
        Return the certificate with a name; None if there is none.

        Raises:
            AwsRefusedError: The request failed.
        """
        try:
            with explain_errors(IAM, profile=self._profile):
                answer = self._client.get_server_certificate(ServerCertificateName=name)
                certificate = answer["ServerCertificate"]
                return CertificateDetails(
                    listed=CertificateSummary.of(certificate["ServerCertificateMetadata"]),
                    body=certificate["CertificateBody"],
                    chain=certificate.get("CertificateChain"),
                    tags={tag["Key"]: tag["Value"] for tag in certificate.get("Tags", [])},
                )
        except AwsRefusedError as err:
            if err.code == MISSING:
                return None
            raise


def _utc(instant: datetime | None) -> datetime | None:
    return instant and instant.astimezone(UTC)

"""Read the server certificates of an account."""

from __future__ import annotations

import difflib
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING

from server_certificate.description import timestamp
from server_certificate.naming import check_name
from server_certificate_cli.aws.errors import ACCESS_DENIED, AwsRefusedError, explain_errors
from server_certificate_cli.aws.owner import OwningStack
from server_certificate_cli.aws.session import IAM
from server_certificate_cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from types_boto3_iam.client import IAMClient
    from types_boto3_iam.type_defs import ServerCertificateMetadataTypeDef

MISSING = "NoSuchEntity"

_ID = re.compile(r"ASCA[A-Z2-7]{17}")
_ARN = re.compile(r"arn:[\w-]+:iam::\d*:server-certificate/(?:[^ ]*/)?(?P<name>[^/ ]+)")
_PERHAPS_MISSING = "If the policy is limited to paths, IAM gives the same answer for a certificate that does not exist."
_THREADS = 4
"""The maximum number of concurrent requests for tags. Each request is for one certificate."""


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
    def pem(self) -> str:
        """The certificate and the chain, each with the final line break that IAM removes."""
        return "".join(f"{text.rstrip()}\n" for text in (self.body, self.chain) if text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """The stacks that own certificates, if their tags can be read."""

    known: dict[str, OwningStack | None] = field(default_factory=dict)
    """By ServerCertificateId. None for a certificate that no stack owns; unknown owners are absent."""

    problem: AwsRefusedError | None = None
    """The first reason why owners are unknown."""


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

    def owners(self, certificates: Sequence[CertificateSummary]) -> Owners:
        """Read the owners of certificates from their tags. Owners that can't be read are omitted."""
        known: dict[str, OwningStack | None] = {}
        problems: list[AwsRefusedError] = []
        stop = threading.Event()

        def ask(certificate: CertificateSummary) -> None:
            if stop.is_set():
                return
            try:
                known[certificate.certificate_id] = OwningStack.of(self._tags(certificate.name))
            except AwsRefusedError as err:
                if err.code == MISSING:
                    # It was deleted or renamed after it was listed.
                    return
                problems.append(err)
                if err.code != ACCESS_DENIED:
                    # Access is denied per certificate. Other errors would happen again.
                    stop.set()

        with ThreadPoolExecutor(max_workers=_THREADS) as threads:
            try:
                list(threads.map(ask, certificates))
            except BaseException:
                stop.set()
                raise
        return Owners(known=known, problem=problems[0] if problems else None)

    def quota(self) -> Quota | None:
        """Return the account's quota; None if it can't be read, because nothing depends on it."""
        try:
            with explain_errors(IAM, profile=self._profile):
                summary = self._client.get_account_summary()["SummaryMap"]
        except AwsRefusedError:
            return None
        used, limit = summary.get("ServerCertificates"), summary.get("ServerCertificatesQuota")
        return None if used is None or limit is None else Quota(used=used, limit=limit)

    def find(self, wanted: str) -> CertificateDetails:
        """
        Return a certificate.

        Args:
            wanted: The name, the ServerCertificateId or the ARN.

        Raises:
            AwsRefusedError: The certificate does not exist, or the request failed.
            CommandError: The value is not a valid name, id or ARN.
        """
        if _ID.fullmatch(wanted):
            return self._find_by_id(wanted)
        if wanted.startswith("arn:"):
            return self._find_by_arn(wanted)
        if findings := check_name(wanted):
            raise CommandError(
                f"This is not a valid server certificate name: {findings[0].message}"
                " Provide a name, a ServerCertificateId (ASCA…) or an ARN."
            )
        return self._get(wanted) or self._missing(wanted)

    def _find_by_id(self, wanted: str) -> CertificateDetails:
        for certificate in self.all():
            if certificate.certificate_id == wanted:
                shown = self._get(certificate.name)
                if shown is not None and shown.listed.certificate_id == wanted:
                    return shown
        # A name can look like an id.
        return self._get(wanted) or self._missing(wanted)

    def _find_by_arn(self, wanted: str) -> CertificateDetails:
        match = _ARN.fullmatch(wanted)
        if match is None:
            raise CommandError(
                f"'{wanted}' is not the ARN of an IAM server certificate. The format is"
                " arn:aws:iam::111122223333:server-certificate/path/name."
            )
        shown = self._get(match["name"])
        if shown is not None and shown.listed.arn != wanted:
            raise AwsRefusedError(
                f"There is no server certificate {wanted}. The certificate named '{match['name']}' has"
                f" the ARN {shown.listed.arn}.",
                code=MISSING,
            )
        return shown or self._missing(match["name"])

    def _get(self, name: str) -> CertificateDetails | None:
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
            if err.code == ACCESS_DENIED:
                raise AwsRefusedError(f"{err.message} {_PERHAPS_MISSING}", code=err.code) from None
            raise

    def _missing(self, wanted: str) -> CertificateDetails:
        try:
            names = [certificate.name for certificate in self.all()]
        except AwsRefusedError:
            names = []
        hint = ""
        if _ID.fullmatch(wanted) is None:
            by_folded = {name.casefold(): name for name in names}
            near = difflib.get_close_matches(wanted.casefold(), by_folded, n=3)
            quoted = " or ".join(f"'{by_folded[name]}'" for name in near)
            hint = f" Did you mean {quoted}?" if near else ""
        raise AwsRefusedError(
            f"There is no server certificate '{wanted}' in this account.{hint}"
            " To list all certificates, run: server-certificate list",
            code=MISSING,
        )

    def _tags(self, name: str) -> dict[str, str]:
        with explain_errors(IAM, profile=self._profile):
            paginator = self._client.get_paginator("list_server_certificate_tags")
            return {
                tag["Key"]: tag["Value"]
                for page in paginator.paginate(ServerCertificateName=name)
                for tag in page.get("Tags", [])
            }


def _utc(instant: datetime | None) -> datetime | None:
    return instant and instant.astimezone(UTC)

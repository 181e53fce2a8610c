"""The server certificates of an account, read only."""

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
from server_certificate_cli.aws.errors import ACCESS_DENIED, AwsRefusedError, explained
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
_PERHAPS_MISSING = (
    "Where a policy names paths, IAM says the same of a certificate that does not exist."
)
_THREADS = 4
"""Tags are asked for one certificate at a time; so many questions are open at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a listing says of a certificate."""

    name: str
    path: str
    certificate_id: str
    arn: str
    expiration: datetime | None
    upload_date: datetime | None

    @classmethod
    def of(cls, metadata: ServerCertificateMetadataTypeDef) -> Listed:
        """Take it from an answer. The API promises neither date."""
        return cls(
            name=metadata["ServerCertificateName"],
            path=metadata["Path"],
            certificate_id=metadata["ServerCertificateId"],
            arn=metadata["Arn"],
            expiration=_utc(metadata.get("Expiration")),
            upload_date=_utc(metadata.get("UploadDate")),
        )

    def days_left(self, at: datetime) -> int | None:
        """Return the whole days until it expires, below zero afterwards; None if IAM says no date."""
        return None if self.expiration is None else (self.expiration - at).days

    def as_json(self, at: datetime) -> dict[str, object]:
        """
        Return it for machines.

        Args:
            at: The instant that days are counted from.
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
class Shown:
    """A certificate with everything that IAM gives back: never its private key."""

    listed: Listed
    body: str
    chain: str | None
    tags: dict[str, str]

    @property
    def pem(self) -> str:
        """Body and chain as IAM returns them, each ended by a line break, which IAM cuts off."""
        return "".join(f"{text.rstrip()}\n" for text in (self.body, self.chain) if text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """Which stacks certificates belong to, as far as their tags can be read."""

    known: dict[str, OwningStack | None] = field(default_factory=dict)
    """By ServerCertificateId; None for a certificate that no stack owns. Unknown ones are absent."""

    problem: AwsRefusedError | None = None
    """The first reason why some are absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many server certificates an account has and may have."""

    used: int
    limit: int


class Certificates:
    """Asks IAM."""

    def __init__(self, client: IAMClient, *, profile: str | None) -> None:
        """
        Take a client.

        Args:
            client: For IAM.
            profile: The profile that the user named, for sentences.
        """
        self._client = client
        self._profile = profile

    def all(self, path_prefix: str | None = None) -> list[Listed]:
        """
        List certificates: all pages, in IAM's order.

        Args:
            path_prefix: What their paths begin with; None for all certificates.

        Raises:
            AwsRefusedError: IAM does not list them.
        """
        with explained(IAM, profile=self._profile):
            paginator = self._client.get_paginator("list_server_certificates")
            pages = (
                paginator.paginate(PathPrefix=path_prefix) if path_prefix else paginator.paginate()
            )
            return [
                Listed.of(metadata)
                for page in pages
                for metadata in page.get("ServerCertificateMetadataList", [])
            ]

    def owners(self, certificates: Sequence[Listed]) -> Owners:
        """Read the tags of certificates, a few at a time. What cannot be read is left out."""
        known: dict[str, OwningStack | None] = {}
        problems: list[AwsRefusedError] = []
        stop = threading.Event()

        def ask(certificate: Listed) -> None:
            if stop.is_set():
                return
            try:
                known[certificate.certificate_id] = OwningStack.of(self._tags(certificate.name))
            except AwsRefusedError as err:
                if err.code == MISSING:
                    # Deleted or renamed since it was listed.
                    return
                problems.append(err)
                if err.code != ACCESS_DENIED:
                    # A denial is about one certificate; anything else would hold for the next, too.
                    stop.set()

        with ThreadPoolExecutor(max_workers=_THREADS) as threads:
            try:
                list(threads.map(ask, certificates))
            except BaseException:
                stop.set()
                raise
        return Owners(known=known, problem=problems[0] if problems else None)

    def quota(self) -> Quota | None:
        """Return the account's quota; None if it cannot be read, for nothing depends on it."""
        try:
            with explained(IAM, profile=self._profile):
                summary = self._client.get_account_summary()["SummaryMap"]
        except AwsRefusedError:
            return None
        used, limit = summary.get("ServerCertificates"), summary.get("ServerCertificatesQuota")
        return None if used is None or limit is None else Quota(used=used, limit=limit)

    def find(self, wanted: str) -> Shown:
        """
        Return a certificate.

        Args:
            wanted: Its name, its ServerCertificateId or its ARN.

        Raises:
            AwsRefusedError: There is none, or IAM does not show it.
            CommandError: It can be none of the three.
        """
        if _ID.fullmatch(wanted):
            return self._find_by_id(wanted)
        if wanted.startswith("arn:"):
            return self._find_by_arn(wanted)
        if findings := check_name(wanted):
            raise CommandError(
                f"This cannot be a server certificate's name: {findings[0].message}"
                " Give a name, a ServerCertificateId (ASCA…) or an ARN."
            )
        return self._get(wanted) or self._missing(wanted)

    def _find_by_id(self, wanted: str) -> Shown:
        for certificate in self.all():
            if certificate.certificate_id == wanted:
                shown = self._get(certificate.name)
                if shown is not None and shown.listed.certificate_id == wanted:
                    return shown
        # A name may look like an id.
        return self._get(wanted) or self._missing(wanted)

    def _find_by_arn(self, wanted: str) -> Shown:
        match = _ARN.fullmatch(wanted)
        if match is None:
            raise CommandError(
                f"'{wanted}' is not the ARN of an IAM server certificate, which looks like"
                " arn:aws:iam::111122223333:server-certificate/path/name."
            )
        shown = self._get(match["name"])
        if shown is not None and shown.listed.arn != wanted:
            raise AwsRefusedError(
                f"There is no server certificate {wanted}; the one named '{match['name']}' is"
                f" {shown.listed.arn}.",
                code=MISSING,
            )
        return shown or self._missing(match["name"])

    def _get(self, name: str) -> Shown | None:
        try:
            with explained(IAM, profile=self._profile):
                answer = self._client.get_server_certificate(ServerCertificateName=name)
                certificate = answer["ServerCertificate"]
                return Shown(
                    listed=Listed.of(certificate["ServerCertificateMetadata"]),
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

    def _missing(self, wanted: str) -> Shown:
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
            " See them all with: server-certificate list",
            code=MISSING,
        )

    def _tags(self, name: str) -> dict[str, str]:
        with explained(IAM, profile=self._profile):
            paginator = self._client.get_paginator("list_server_certificate_tags")
            return {
                tag["Key"]: tag["Value"]
                for page in paginator.paginate(ServerCertificateName=name)
                for tag in page.get("Tags", [])
            }


def _utc(instant: datetime | None) -> datetime | None:
    return instant and instant.astimezone(UTC)

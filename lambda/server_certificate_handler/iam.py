"""The server certificates of the account. Only this module uses the IAM client."""

from __future__ import annotations

import contextlib
import logging
import math
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from server_certificate.material import PublicMaterial
from server_certificate.reading.reader import read_certificates
from server_certificate_handler.errors import (
    CertificateInUseError,
    IamRefusedError,
    as_sentence,
)
from server_certificate_handler.kernel.stored import StoredCertificate
from server_certificate_handler.permission_lag import Result, retry_until_permitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from types_boto3_iam.client import IAMClient
    from types_boto3_iam.type_defs import (
        UpdateServerCertificateRequestTypeDef,
        UploadServerCertificateRequestTypeDef,
    )

    from server_certificate.material import PrivateKey
    from server_certificate_handler.deadline import Deadline

log = logging.getLogger(__name__)

MAX_ITEMS_PER_PAGE = 1000
"""The maximum of MaxItems (API reference, ListServerCertificates): as many as an account can have."""

MIN_RETRY_SECONDS = 2.0
MAX_RETRY_SECONDS = 30.0
"""The limits of the back-off while a consumer releases a certificate, which takes seconds to minutes."""


@dataclass(frozen=True, slots=True)
class IamStore:
    """Operations on server certificates by name, with helpful error messages."""

    client: IAMClient
    deadline: Deadline

    def get(self, name: str) -> StoredCertificate | None:
        """Return the certificate with a name; None if there is none."""
        try:
            answer = self._call(
                "GetServerCertificate",
                name,
                lambda: self.client.get_server_certificate(ServerCertificateName=name),
            )
        except IamRefusedError as err:
            if err.code == "NoSuchEntity":
                return None
            raise
        certificate = answer["ServerCertificate"]
        metadata = certificate["ServerCertificateMetadata"]
        leaf, _ = read_certificates(certificate["CertificateBody"], subject="certificate")
        chain, _ = read_certificates(certificate.get("CertificateChain") or "", subject="chain")
        return StoredCertificate(
            certificate_id=metadata["ServerCertificateId"],
            name=metadata["ServerCertificateName"],
            path=metadata["Path"],
            arn=metadata["Arn"],
            public=PublicMaterial(leaf[0], (*leaf[1:], *chain)) if leaf else None,
            tags={tag["Key"]: tag["Value"] for tag in certificate.get("Tags", [])},
            upload_date=metadata.get("UploadDate"),
        )

    def find(self, certificate_id: str, *, likely_names: Iterable[str]) -> StoredCertificate | None:
        """
        Return the certificate with an ID, even if it was renamed; None if it is gone.

        Args:
            certificate_id: The ServerCertificateId.
            likely_names: Names to try before listing all certificates of the account.
        """
        for name in dict.fromkeys(likely_names):
            stored = self.get(name)
            if stored is not None and stored.certificate_id == certificate_id:
                return stored
        for name, listed_id in self.names():
            if listed_id == certificate_id:
                return self.get(name)
        return None

    def names(self) -> tuple[tuple[str, str], ...]:
        """Return the names and IDs of all certificates of the account."""
        paginator = self.client.get_paginator("list_server_certificates")
        pages = self._call(
            "ListServerCertificates",
            "*",
            lambda: list(paginator.paginate(PaginationConfig={"PageSize": MAX_ITEMS_PER_PAGE})),
        )
        return tuple(
            (metadata["ServerCertificateName"], metadata["ServerCertificateId"])
            for page in pages
            for metadata in page["ServerCertificateMetadataList"]
        )

    def upload(
        self,
        *,
        name: str,
        path: str,
        public: PublicMaterial,
        private_key: PrivateKey,
        tags: Mapping[str, str],
    ) -> StoredCertificate:
        """
        Upload a certificate, and return it as confirmed by IAM.

        Args:
            name: The ServerCertificateName.
            path: Path.
            public: Leaf and chain.
            private_key: The leaf's private key.
            tags: Its tags; empty for a partition that doesn't support tags in an upload.

        Raises:
            IamRefusedError: With the code ``EntityAlreadyExists`` if the name is taken.
        """
        request: UploadServerCertificateRequestTypeDef = {
            "ServerCertificateName": name,
            "Path": path,
            "CertificateBody": public.certificate_pem,
            "PrivateKey": private_key.pem,
        }
        if public.chain_pem:
            request["CertificateChain"] = public.chain_pem
        if tags:
            request["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
        answer = self._call(
            "UploadServerCertificate",
            name,
            lambda: self.client.upload_server_certificate(**request),
        )
        metadata = answer["ServerCertificateMetadata"]
        return StoredCertificate(
            certificate_id=metadata["ServerCertificateId"],
            name=metadata["ServerCertificateName"],
            path=metadata["Path"],
            arn=metadata["Arn"],
            public=public,
            tags=dict(tags),
            upload_date=metadata.get("UploadDate"),
        )

    def move(self, stored: StoredCertificate, *, name: str, path: str) -> None:
        """Change the name or the path of a certificate. Its ID stays the same, its ARN changes."""
        self._update(stored.name, stored.path, name=name, path=path)

    def move_aside(self, stored: StoredCertificate, *, name: str, path: str) -> None:
        """
        Move a certificate to the name of its content, and verify that it was the right one.

        IAM moves the certificate that has the name when the call arrives. In the meantime, another
        delivery of the event may have given the name to new content. In this case, the move is
        reverted.

        Raises:
            IamRefusedError: With the code ``NoSuchEntity``, also if it was another certificate.
        """
        self._update(stored.name, stored.path, name=name, path=path)
        there = self.get(name)
        is_another = (
            there is not None and stored.public is not None and not there.has_content(stored.public)
        )
        if there is not None and is_another:
            log.warning({"decision": "move back what was not meant", "id": there.certificate_id})
            self._update(name, path, name=stored.name, path=stored.path)
            raise IamRefusedError(
                f"The name '{stored.name}' no longer belongs to the certificate"
                f" {stored.certificate_id}.",
                code="NoSuchEntity",
            )

    def _update(self, old_name: str, old_path: str, *, name: str, path: str) -> None:
        request: UpdateServerCertificateRequestTypeDef = {"ServerCertificateName": old_name}
        if name != old_name:
            request["NewServerCertificateName"] = name
        if path != old_path:
            request["NewPath"] = path
        self._call(
            "UpdateServerCertificate",
            old_name,
            lambda: self.client.update_server_certificate(**request),
        )

    def retag(self, *, name: str, put: Mapping[str, str], remove: Iterable[str]) -> None:
        """Remove tags, then set tags. In this order, the limit of 50 tags is never exceeded."""
        if keys := list(remove):
            self._call(
                "UntagServerCertificate",
                name,
                lambda: self.client.untag_server_certificate(
                    ServerCertificateName=name, TagKeys=keys
                ),
            )
        if put:
            self._call(
                "TagServerCertificate",
                name,
                lambda: self.client.tag_server_certificate(
                    ServerCertificateName=name,
                    Tags=[{"Key": key, "Value": value} for key, value in put.items()],
                ),
            )

    def delete(self, name: str, certificate_id: str, *, wait_seconds: float = math.inf) -> None:
        """
        Delete a certificate. A missing one counts as deleted.

        Args:
            name: Its name.
            certificate_id: The ServerCertificateId, which is verified before each attempt, because
                IAM deletes by name.
            wait_seconds: How long to wait for consumers that still use it. Default: as long as
                there is time.

        Raises:
            CertificateInUseError: It is still in use when the time is up. The message names the
                consumer, and says how long the function has waited.
        """
        pause = MIN_RETRY_SECONDS
        began = self.deadline.seconds
        while stored := self.find(certificate_id, likely_names=[name]):
            name = stored.name
            try:
                self._delete(name)
            except IamRefusedError as err:
                if err.code not in {"DeleteConflict", "ConcurrentModification"}:
                    raise
                waited = began - self.deadline.seconds
                pause = min(pause, wait_seconds - waited)
                if pause > 0:
                    log.info(
                        {"decision": "wait for a consumer", "seconds": pause, "reason": str(err)}
                    )
                if pause <= 0 or not self.deadline.wait(pause):
                    seconds = round(waited)
                    unit = "second" if seconds == 1 else "seconds"
                    after = f" after {seconds} {unit}" if wait_seconds else ""
                    raise CertificateInUseError(
                        f"The certificate '{name}' can't be deleted because it is still in"
                        f" use{after}. {err} Remove it from there, and delete again."
                    ) from err
                pause = min(pause * 2, MAX_RETRY_SECONDS)
            else:
                return

    def _delete(self, name: str) -> None:
        try:
            self._call(
                "DeleteServerCertificate",
                name,
                lambda: self.client.delete_server_certificate(ServerCertificateName=name),
            )
        except IamRefusedError as err:
            if err.code != "NoSuchEntity":
                raise

    def _call(self, action: str, name: str, call: Callable[[], Result]) -> Result:
        def explained() -> Result:
            self.deadline.check(f"iam:{action}")
            try:
                with _explained(action, name):
                    return call()
            except IamRefusedError as err:
                if action in _OF_EXISTING and _is_denied(err) and self.get(name) is None:
                    raise err.of_missing() from err
                raise

        def lags(error: Exception) -> bool:
            # After a retry, the first attempt may have removed the permission, so check the state
            # again.
            return _is_denied(error) and not (isinstance(error, IamRefusedError) and error.retried)

        return retry_until_permitted(explained, is_denied=lags, deadline=self.deadline)


_OF_EXISTING = {
    "UpdateServerCertificate",
    "DeleteServerCertificate",
    "TagServerCertificate",
    "UntagServerCertificate",
}
"""
Actions on an existing certificate. Without a certificate, IAM knows neither path nor tags, and so
denies what it would otherwise allow: a retried rename whose first response was lost looks denied."""


def _is_denied(error: Exception) -> bool:
    return isinstance(error, IamRefusedError) and error.code == "AccessDenied"


_FIXES = {
    "LimitExceeded": (
        "Delete certificates that are not in use, or raise the quota 'Server certificates per"
        " account' in Service Quotas. Replacing a certificate needs room for one more, because the"
        " old one is deleted last."
    ),
    "AccessDenied": (
        "Allow it for the function's role, and check whether a permissions boundary or a service"
        " control policy (SCP) denies it."
    ),
    "EntityAlreadyExists": (
        "If no certificate has exactly this name, one has a name that differs only in case."
    ),
    "Throttling": "The account sends too many requests to IAM. Deploy again later.",
}


@contextlib.contextmanager
def _explained(action: str, name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as err:
        code = err.response.get("Error", {}).get("Code", "Unknown")
        message = as_sentence(err.response.get("Error", {}).get("Message", ""))
        answer = err.response.get("ResponseMetadata", {})
        fix = f" {_FIXES[code]}" if code in _FIXES else ""
        raise IamRefusedError(
            f"IAM rejected {action} for '{name}' ({code}): {message}{fix}",
            code=code,
            outcome_unknown=answer.get("HTTPStatusCode", 0) >= HTTPStatus.INTERNAL_SERVER_ERROR,
            retried=answer.get("RetryAttempts", 0) > 0,
        ) from err
    except (ParamValidationError, UnicodeEncodeError):
        # botocore's message may quote values, including the private key.
        raise IamRefusedError(
            f"{action} can't be called for '{name}': a value doesn't have the format that IAM"
            " requires.",
            code="ParamValidationError",
        ) from None
    except BotoCoreError as err:
        raise IamRefusedError(
            f"IAM could not be reached to call {action} for '{name}' ({type(err).__name__}). If the"
            " function runs in a VPC, it needs a route to the IAM endpoint.",
            code=type(err).__name__,
            outcome_unknown=True,
        ) from err

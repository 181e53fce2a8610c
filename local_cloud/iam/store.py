"""The server certificates of one account, with IAM's rules."""

from __future__ import annotations

import secrets
import string
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from local_cloud.iam import tags as tagging
from local_cloud.iam.errors import (
    certificate_quota_exceeded,
    entity_already_exists,
    no_such_entity,
)
from local_cloud.iam.listing import Page, page
from local_cloud.iam.material import Material, accept

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from local_cloud.iam.errors import IamError
    from local_cloud.iam.tags import Tag

DEFAULT_QUOTA = 20
_ID_PREFIX = "ASCA"
_ID_ALPHABET = string.ascii_uppercase + "234567"
_ID_RANDOM_CHARACTERS = 17


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """
    One stored server certificate.

    Attributes:
        account_id: The account that holds it.
        name: ServerCertificateName, unique in the account.
        path: Path.
        certificate_id: ServerCertificateId; a new name or path doesn't change it.
        upload_date: When it was uploaded, to the second.
        material: What was uploaded, as IAM stores it.
        tags: Its tags, in the order in which they were added.
        placed_at: When it got its current name and path, on a monotonic clock.
    """

    account_id: str
    name: str
    path: str
    certificate_id: str
    upload_date: datetime
    material: Material
    tags: tuple[Tag, ...] = ()
    placed_at: float = field(default=0, compare=False)

    @property
    def arn(self) -> str:
        """The ARN, with path and name (IAM User Guide, "IAM identifiers")."""
        return _arn(self.account_id, self.path, self.name)


def _arn(account_id: str, path: str, name: str) -> str:
    return f"arn:aws:iam::{account_id}:server-certificate{path}{name}"


def _never_in_use(_: ServerCertificate) -> IamError | None:
    return None


def _now() -> datetime:
    return datetime.now(UTC)


class ServerCertificateStore:
    """
    The server certificates of one account.

    A name that differs from another certificate's only in case is refused, and lookups need the
    exact spelling. IAM documents neither; don't depend on either.
    """

    def __init__(
        self,
        account_id: str,
        *,
        clock: Callable[[], datetime] = _now,
        stopwatch: Callable[[], float] = time.monotonic,
        quota: int = DEFAULT_QUOTA,
        conflict_of: Callable[[ServerCertificate], IamError | None] = _never_in_use,
    ) -> None:
        """
        Create an empty store.

        Args:
            account_id: The account id.
            clock: The time for validity checks and upload dates; default: the system's.
            stopwatch: The clock for propagation; default: the system's monotonic clock.
            quota: ServerCertificatesPerAccount; default 20 (IAM User Guide, "IAM quotas").
            conflict_of: Returns why a certificate that is in use can't be deleted; default: none is
                in use.
        """
        self._account_id = account_id
        self._clock = clock
        self._stopwatch = stopwatch
        self.quota = quota
        self._conflict_of = conflict_of
        self._by_name: dict[str, ServerCertificate] = {}

    def __len__(self) -> int:
        return len(self._by_name)

    def arn(self, path: str, name: str) -> str:
        """Return the ARN of a certificate with this path and name, whether it exists or not."""
        return _arn(self._account_id, path, name)

    def find(self, name: str) -> ServerCertificate | None:
        """Find a certificate by its name."""
        return self._by_name.get(name)

    def known_for(self, seconds: float) -> Iterator[ServerCertificate]:
        """Yield the certificates that have had their name and path for at least this long."""
        now = self._stopwatch()
        for certificate in self._by_name.values():
            if now - certificate.placed_at >= seconds:
                yield certificate

    def upload(
        self,
        name: str,
        *,
        path: str = "/",
        body: str,
        private_key: str,
        chain: str | None = None,
        tags: Collection[Tag] = (),
    ) -> ServerCertificate:
        """
        Store a certificate (UploadServerCertificate).

        Raises:
            IamError: InvalidInput, EntityAlreadyExists, LimitExceeded, MalformedCertificate or
                KeyPairMismatch, in this order.
        """
        accepted_tags = tagging.merge((), tags)
        self._refuse_taken(name)
        if len(self._by_name) >= self.quota:
            raise certificate_quota_exceeded(self.quota)
        now = self._clock()
        certificate = ServerCertificate(
            account_id=self._account_id,
            name=name,
            path=path,
            certificate_id=self._new_id(),
            upload_date=now.replace(microsecond=0),
            material=accept(body=body, private_key=private_key, chain=chain, at=now),
            tags=accepted_tags,
            placed_at=self._stopwatch(),
        )
        self._by_name[name] = certificate
        return certificate

    def get(self, name: str) -> ServerCertificate:
        """
        Find a certificate (GetServerCertificate).

        Raises:
            IamError: NoSuchEntity.
        """
        certificate = self.find(name)
        if certificate is None:
            raise no_such_entity(name)
        return certificate

    def list_certificates(
        self, *, path_prefix: str = "/", max_items: int | None = None, marker: str | None = None
    ) -> Page[ServerCertificate]:
        """
        List certificates by name (ListServerCertificates).

        Args:
            path_prefix: The beginning of the path; default: any path.
            max_items: The maximum number of items; default 100.
            marker: The marker of the page before.

        Raises:
            IamError: ValidationError for a marker that isn't one.
        """
        return page(
            (item for item in self._by_name.values() if item.path.startswith(path_prefix)),
            position=lambda item: item.name,
            max_items=max_items,
            marker=marker,
        )

    def update(
        self, name: str, *, new_name: str | None = None, new_path: str | None = None
    ) -> None:
        """
        Change a certificate's name or path (UpdateServerCertificate); without a change, do nothing.

        Raises:
            IamError: NoSuchEntity, or EntityAlreadyExists if another certificate has the new name.
        """
        certificate = self.get(name)
        if new_name is not None and new_name.lower() != name.lower():
            self._refuse_taken(new_name)
        changed = replace(
            certificate,
            name=certificate.name if new_name is None else new_name,
            path=certificate.path if new_path is None else new_path,
        )
        if changed.arn != certificate.arn:
            changed = replace(changed, placed_at=self._stopwatch())
        del self._by_name[name]
        self._by_name[changed.name] = changed

    def delete(self, name: str) -> None:
        """
        Delete a certificate that nothing uses (DeleteServerCertificate).

        Raises:
            IamError: NoSuchEntity, or DeleteConflict.
        """
        certificate = self.get(name)
        conflict = self._conflict_of(certificate)
        if conflict is not None:
            raise conflict
        del self._by_name[name]

    def tag(self, name: str, tags: Collection[Tag]) -> None:
        """
        Add or replace tags (TagServerCertificate).

        Raises:
            IamError: InvalidInput, NoSuchEntity or LimitExceeded.
        """
        # Errors in the tags are reported before the name is looked up.
        tagging.merge((), tags)
        certificate = self.get(name)
        self._by_name[name] = replace(certificate, tags=tagging.merge(certificate.tags, tags))

    def untag(self, name: str, keys: Collection[str]) -> None:
        """
        Remove tags (UntagServerCertificate).

        Raises:
            IamError: InvalidInput or NoSuchEntity.
        """
        tagging.remove((), keys)
        certificate = self.get(name)
        self._by_name[name] = replace(certificate, tags=tagging.remove(certificate.tags, keys))

    def list_tags(
        self, name: str, *, max_items: int | None = None, marker: str | None = None
    ) -> Page[Tag]:
        """
        List a certificate's tags (ListServerCertificateTags).

        Raises:
            IamError: NoSuchEntity, or ValidationError for a marker that isn't one.
        """
        tags: Sequence[Tag] = self.get(name).tags
        # A key of 128 characters outside ASCII doesn't fit into a marker; its index does.
        places = {tag.key: f"{place:02}" for place, tag in enumerate(tags)}
        return page(tags, position=lambda tag: places[tag.key], max_items=max_items, marker=marker)

    def _refuse_taken(self, name: str) -> None:
        if any(held.lower() == name.lower() for held in self._by_name):
            raise entity_already_exists(name)

    def _new_id(self) -> str:
        held = {certificate.certificate_id for certificate in self._by_name.values()}
        while True:
            tail = "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_RANDOM_CHARACTERS))
            if (certificate_id := _ID_PREFIX + tail) not in held:
                return certificate_id

"""Which certificates of the account are a resource's own."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from server_certificate.naming import MAX_NAME_PREFIX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from server_certificate_handler.iam_store import IamStore
    from server_certificate_handler.lifecycle import Identity
    from server_certificate_handler.stored_certificate import StoredCertificate

log = logging.getLogger(__name__)


def own_certificates(
    store: IamStore,
    identity: Identity,
    *,
    listed: Iterable[tuple[str, str]],
    explicit_names: Collection[str | None],
    spare: Collection[str | None],
) -> Iterator[StoredCertificate]:
    """
    Yield a resource's own certificates, wherever events of it can have put them.

    That is under the names of their contents, which begin alike, or under a declared name. Each
    candidate costs a call, which an account of 1,000 certificates does not allow for all of them.

    Args:
        store: IAM.
        identity: The resource.
        listed: Names and ids of the account's certificates.
        explicit_names: Names that were declared, as far as the event tells.
        spare: Ids that are not looked at.
    """
    prefix = f"{identity.name_prefix[:MAX_NAME_PREFIX_LENGTH]}-"
    for name, certificate_id in listed:
        if certificate_id in spare or not (name.startswith(prefix) or name in explicit_names):
            continue
        stored = store.get(name)
        if stored is not None and stored.certificate_id == certificate_id and identity.owns(stored):
            yield stored

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
    beginning_with: StoredCertificate | None = None,
) -> Iterator[StoredCertificate]:
    """
    Yield a resource's own certificates, wherever events of it can have put them.

    That is under the names of their contents, which begin alike, under a declared name, and what
    a certificate of the resource says it was uploaded to replace. Each candidate costs a call,
    which an account of 1,000 certificates does not allow for all of them.

    Args:
        store: IAM.
        identity: The resource.
        listed: Names and ids of the account's certificates.
        explicit_names: Names that were declared, as far as the event tells.
        spare: Ids that are not yielded.
        beginning_with: A certificate of the resource whose predecessors are looked for.
    """
    prefix = f"{identity.name_prefix[:MAX_NAME_PREFIX_LENGTH]}-"
    names = {certificate_id: name for name, certificate_id in listed}
    candidates = [
        certificate_id
        for certificate_id, name in names.items()
        if name.startswith(prefix) or name in explicit_names
    ]
    if beginning_with is not None and beginning_with.provenance.replaces:
        candidates.append(beginning_with.provenance.replaces)
    seen = set(spare)
    while candidates:
        certificate_id = candidates.pop()
        if certificate_id in seen or certificate_id not in names:
            continue
        seen.add(certificate_id)
        stored = store.get(names[certificate_id])
        if stored is None or stored.certificate_id != certificate_id or not identity.owns(stored):
            continue
        if stored.provenance.replaces:
            candidates.append(stored.provenance.replaces)
        yield stored

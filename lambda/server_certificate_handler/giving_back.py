"""Give an adopted certificate back, as it was."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from server_certificate_handler.adoption import Adoption, leftover_keys
from server_certificate_handler.errors import IamRefusedError, PathNotRestoredError

if TYPE_CHECKING:
    from server_certificate_handler.iam_store import IamStore
    from server_certificate_handler.stored_certificate import StoredCertificate

log = logging.getLogger(__name__)


def give_back(store: IamStore, stored: StoredCertificate) -> None:
    """
    Make a certificate what it was before it was adopted.

    That it is being given back is noted first, and what says whose it is goes last, in one call:
    until then whoever comes after a failure knows what to do, and may do it.

    Raises:
        IamRefusedError: IAM refused a call.
        PathNotRestoredError: The role may not give it its path. Asked again, it goes back without.
    """
    adoption = Adoption.of(stored.tags)
    assert adoption is not None  # noqa: S101 (what was not adopted is nobody else's)
    log.warning({"decision": "give back", "name": stored.name, "id": stored.certificate_id})
    noted = replace(adoption, is_undone=True).mark
    store.retag(name=stored.name, put={**adoption.replaced, **noted}, remove=())
    if adoption.path is not None and adoption.path != stored.path:
        _restore_path(store, stored, adoption.path, is_repeated=adoption.is_undone)
    own = leftover_keys(stored.tags, but=())
    store.retag(name=stored.name, put={}, remove=[*sorted(own), *adoption.added])


def _restore_path(
    store: IamStore, stored: StoredCertificate, path: str, *, is_repeated: bool
) -> None:
    """Restore the path, which the policy from before may forbid: it may know nothing of the name."""
    try:
        store.move(name=stored.name, new_path=path)
    except IamRefusedError as err:
        if err.code != "AccessDenied":
            raise
        told = (
            f"The certificate {stored.certificate_id} was adopted and is given back, but the role may not restore its"
            f" path '{path}'. It keeps '{stored.path}' if that is refused once more. Then run: aws iam"
            f" update-server-certificate --server-certificate-name {stored.name} --new-path {path} ({err})"
        )
        if not is_repeated:
            raise PathNotRestoredError(told) from err
        log.error({"decision": "give back without the path", "reason": told})  # noqa: TRY400 (explained)

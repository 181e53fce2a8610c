"""Certificates that were there before a stack adopts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cloud.iam.tags import Tag
from server_certificate.contract.ownership import OWNERSHIP_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dev.certificates.authority import Issued
    from dev.simulator.account import Account
    from local_cloud.iam.store import ServerCertificate

THEIRS = (Tag("owner", "them"), Tag("cost-centre", "42"))
OURS = [{"Key": "team", "Value": "edge"}, {"Key": "tier", "Value": "1"}]
ADOPTING = {"ServerCertificateName": "www", "Path": "/edge/", "Tags": OURS, "Adopt": "true"}
"""Properties that adopt what ``store`` has stored."""

RELEASED = {"owner": "them", "cost-centre": "42", "team": "edge", "tier": "1"}
"""Its tags after it was adopted with these properties and released: theirs, and the declared ones."""


def store(
    account: Account,
    issued: Issued,
    *,
    name: str = "www",
    path: str = "/edge/",
    tags: Iterable[Tag] = THEIRS,
) -> ServerCertificate:
    """Store a certificate as somebody does who knows nothing of any stack."""
    return account.certificates.upload(
        name,
        path=path,
        body=issued.pem,
        chain=issued.chain_pem(),
        private_key=issued.key_pem(),
        tags=tuple(tags),
    )


def tags_of(account: Account, name: str = "www") -> dict[str, str]:
    """Return all tags of a certificate."""
    return {tag.key: tag.value for tag in account.certificates.get(name).tags}


def users_tags(account: Account, name: str = "www") -> dict[str, str]:
    """Return its tags that are not the construct's own."""
    tags = tags_of(account, name)
    return {key: value for key, value in tags.items() if not key.startswith(OWNERSHIP_PREFIX)}

"""Certificates that were there before a stack adopts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_cloud.iam.tags import Tag
from server_certificate.contract.ownership import OWNERSHIP_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dev.certificates.authority import Issued
    from dev.simulator.account import Account
    from dev.simulator.stack import Stack
    from local_cloud.iam.store import ServerCertificate

THEIRS = (Tag("Team", "them"), Tag("cost-centre", "42"))
OURS = [{"Key": "team", "Value": "edge"}, {"Key": "tier", "Value": "1"}]
EDGE = {"ServerCertificateName": "www", "Path": "/edge/", "Tags": OURS, "Adopt": "true"}


def store(account: Account, issued: Issued, *, tags: Iterable[Tag] = THEIRS) -> ServerCertificate:
    """Store a certificate as somebody does who knows nothing of any stack."""
    return account.certificates.upload(
        "www",
        path="/theirs/",
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


def roll_creation_back(stack: Stack, properties: dict[str, Any], physical_id: str) -> None:
    """Send the Delete of a creation that is rolled back."""
    stack.status = "ROLLBACK_IN_PROGRESS"
    answer = stack.send("Delete", PhysicalResourceId=physical_id, ResourceProperties=properties)
    assert answer["Status"] == "SUCCESS", answer

"""What stacks can declare: a few certificates, names and paths, and the properties for them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from dev.certificates.authority import Authority
from dev.simulator.account import version_id
from local_cloud.iam.tags import Tag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dev.certificates.authority import Issued
    from dev.simulator.account import Account
    from local_cloud.iam.store import ServerCertificate

LEAVES = 4
NAMES = (None, "www", "shop")
PREFIXES = (None, "www", "shop")
"""None for the path of the construct. Resources and stacks share the others."""

REGION = "eu-central-1"
PATHS = ("/", "/cloudfront/edge/")
TAGS: tuple[dict[str, str], ...] = ({}, {"team": "edge"}, {"team": "core", "tier": "1"})
DECLARED_TAGS = frozenset(key for tags in TAGS for key in tags)


class Renewal(Enum):
    """What the parameter of an automatic renewal names."""

    CURRENT = "current"
    """Nothing, so that the secret's current version is read."""

    VERSION = "version"
    """The version that has the declared leaf."""


_SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:"  # noqa: S105 (an address)
_RENEWED = _SECRET + "renewed"


@functools.cache
def leaf(number: int) -> Issued:
    """Return one of the certificates."""
    return _authority().leaf(f"www{number}.example.com")


@functools.cache
def _authority() -> Authority:
    return Authority.root().intermediate()


@dataclass(frozen=True, slots=True)
class Declared:
    """One certificate resource in a template."""

    leaf: int = 0
    name: str | None = None
    path: str = "/"
    tags: int = 0
    in_secret: bool = False
    """Whether leaf and chain are in secrets, too."""

    breaks: bool = False
    """Whether the private key belongs to another certificate, so that an upload must fail."""

    adopt: bool = False
    """Whether an existing certificate with the name is adopted."""

    prefix: str | None = None
    """The user's beginning of generated names."""

    renewal: Renewal | None = None
    """Whether everything is a bundle in the secret of all renewals; ``in_secret`` is then of no interest."""

    @property
    def adopts(self) -> bool:
        """Whether the properties ask for an adoption, which only a declared name can have."""
        return self.adopt and self.name is not None

    def name_prefix(self, logical_id: str) -> str:
        """Return how generated names begin."""
        return f"{self.prefix or f'{logical_id}-1A2B3C4D'}-{REGION}"

    def properties(self, logical_id: str) -> dict[str, Any]:
        """Return the properties of the custom resource."""
        properties: dict[str, Any] = {
            "ServiceToken": "arn:aws:lambda:eu-central-1:111122223333:function:provider",
            "NamePrefix": self.name_prefix(logical_id),
            "Path": self.path,
            **self._material(),
            "PropagationSeconds": "0",
        }
        if self.name is not None:
            properties["ServerCertificateName"] = self.name
            properties["Adopt"] = str(self.adopt).lower()
        if self.tags:
            properties["Tags"] = [{"Key": k, "Value": v} for k, v in TAGS[self.tags].items()]
        return properties

    def _material(self) -> dict[str, Any]:
        if self.renewal is not None:
            bundle = _bundle(self.leaf, breaks=self.breaks)
            version = version_id(bundle) if self.renewal is Renewal.VERSION else ""
            return {"Bundle": {"SecretArn": _RENEWED, "VersionId": version}}
        key = f"key-{_neighbor(self.leaf) if self.breaks else self.leaf}"
        return {
            "Certificate": self._part("certificate", leaf(self.leaf).pem),
            "CertificateChain": self._part("chain", leaf(self.leaf).chain_pem()),
            "PrivateKey": {"SecretArn": _SECRET + key},
        }

    def _part(self, part: str, text: str) -> dict[str, str]:
        return {"SecretArn": f"{_SECRET}{part}-{self.leaf}"} if self.in_secret else {"Text": text}


Template = dict[str, Declared]
"""Certificates by logical id."""


def upload_by_hand(
    account: Account, name: str, number: int, *, path: str = "/", tags: Mapping[str, str]
) -> ServerCertificate:
    """Upload a certificate like somebody who knows no stack."""
    issued = leaf(number)
    return account.certificates.upload(
        name,
        path=path,
        body=issued.pem,
        chain=issued.chain_pem(),
        private_key=issued.key_pem(),
        tags=[Tag(key, value) for key, value in tags.items()],
    )


def store_secrets(account: Account, number: int) -> None:
    """Store a leaf, its chain and its key in secrets."""
    issued = leaf(number)
    account.secrets |= {
        f"{_SECRET}key-{number}": issued.key_pem(),
        f"{_SECRET}certificate-{number}": issued.pem,
        f"{_SECRET}chain-{number}": issued.chain_pem(),
    }
    for breaks in (False, True):
        bundle = _bundle(number, breaks=breaks)
        account.secrets[f"{_RENEWED}?{version_id(bundle)}"] = bundle
    account.secrets.setdefault(_RENEWED, _bundle(number, breaks=False))


def forget_secrets(account: Account, number: int) -> None:
    """Delete the secrets of a leaf, as a renewal job does with old versions."""
    for part in ("key", "certificate", "chain"):
        account.secrets.pop(f"{_SECRET}{part}-{number}", None)
    for breaks in (False, True):
        bundle = _bundle(number, breaks=breaks)
        # Secrets Manager keeps the version that has the label AWSCURRENT.
        if account.secrets[_RENEWED] != bundle:
            account.secrets.pop(f"{_RENEWED}?{version_id(bundle)}", None)


def make_current(account: Account, number: int, *, breaks: bool) -> None:
    """Store a leaf as the current version of the secret of all renewals."""
    store_secrets(account, number)
    account.secrets[_RENEWED] = _bundle(number, breaks=breaks)


def current_leaf(account: Account) -> tuple[int, bool]:
    """Return the leaf in the current version of that secret, and whether its key belongs to another."""
    return next(
        (number, breaks)
        for number in range(LEAVES)
        for breaks in (False, True)
        if account.secrets[_RENEWED] == _bundle(number, breaks=breaks)
    )


def _bundle(number: int, *, breaks: bool) -> str:
    issued = leaf(number)
    key = leaf(_neighbor(number) if breaks else number).key_pem()
    return issued.pem + issued.chain_pem() + key


def _neighbor(number: int) -> int:
    return (number + 1) % LEAVES

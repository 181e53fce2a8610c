"""An account, a chain of certificates, and properties made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.authority import Authority, Issued
from dev.simulator.account import Account
from dev.simulator.declared import LEAVES, store_secrets
from dev.simulator.sandbox import new_sandboxes
from dev.simulator.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.simulator.sandbox import Sandbox

SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:key-AbCdEf"  # noqa: S105 - an address, not a secret


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Return an intermediate authority below a root."""
    return Authority.root().intermediate()


@pytest.fixture
def account() -> Account:
    """Return an empty account."""
    return Account()


@pytest.fixture(scope="session")
def sandboxes() -> list[Sandbox]:
    """Return processes of the function, which are costly, and serve all worlds."""
    return new_sandboxes()


@pytest.fixture
def world(account: Account, sandboxes: list[Sandbox]) -> World:
    """Return a world of stacks with several certificates, whose secrets are stored."""
    for number in range(LEAVES):
        store_secrets(account, number)
    return World(account, sandboxes)


@pytest.fixture
def properties(account: Account) -> Callable[..., dict[str, Any]]:
    """Return a function that stores a certificate's key and writes the properties that declare it."""

    def declare(issued: Issued, **changes: object) -> dict[str, Any]:
        secret = f"{SECRET_ARN}-{issued.certificate.serial_number}"
        account.secrets[secret] = issued.key_pem()
        declared = {
            "ServiceToken": "arn:aws:lambda:eu-central-1:111122223333:function:provider",
            "NamePrefix": "web-Certificate-1A2B3C4D-eu-central-1",
            "Path": "/",
            "Certificate": {"Text": issued.pem},
            "CertificateChain": {"Text": issued.chain_pem()},
            "PrivateKey": {"SecretArn": secret},
            "PropagationSeconds": "0",
            **changes,
        }
        return {key: value for key, value in declared.items() if value is not None}

    return declare

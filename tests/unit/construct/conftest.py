"""Fixtures for stacks with certificates, which are synthesized without staging the function's code."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack

from cdk_iam_server_certificate import ServerCertificate
from dev.certificates.authority import Authority, Issued
from support.stacks import material

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Return an intermediate authority that is valid now, because synth checks the current time."""
    return Authority.root(at=datetime.now(UTC)).intermediate()


@pytest.fixture(scope="session")
def leaf(authority: Authority) -> Issued:
    """Return a leaf certificate with its private key."""
    return authority.leaf("www.example.com")


@pytest.fixture
def app() -> App:
    """Return an app that does not stage assets."""
    return App(context={"aws:cdk:bundling-stacks": []})


@pytest.fixture
def stack(app: App) -> Stack:
    """Return a stack with account and Region."""
    return Stack(app, "Web", env=Environment(account="111122223333", region="eu-central-1"))


@pytest.fixture
def certify(leaf: Issued) -> Callable[..., ServerCertificate]:
    """Return a function that declares a certificate in a scope."""

    def declare(
        scope: Construct,
        construct_id: str = "Certificate",
        *,
        issued: Issued | None = None,
        **arguments: Any,  # noqa: ANN401 - any arguments of the construct
    ) -> ServerCertificate:
        return ServerCertificate(
            scope,
            construct_id,
            **{"material": material(scope, construct_id, issued or leaf), **arguments},
        )

    return declare

"""A local cloud that enforces policies, with a stack, its role and its secrets."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.authority import Authority
from local_cloud import LocalCloud
from permissions.declaring import Declaration, Key, Synthesizer
from permissions.guarded import GuardedStack, Role, delete_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dev.certificates.authority import Issued
    from permissions.declaring import Permission


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    """Run a local cloud that enforces policies."""
    with LocalCloud.running(auth=True) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def role(cloud: LocalCloud) -> Role:
    """Return the function's role, without permissions yet."""
    return Role(cloud)


@pytest.fixture(scope="session")
def keep(cloud: LocalCloud) -> Callable[..., Key]:
    """Return a function that puts a private key into a secret."""

    def put(issued: Issued, *, encryption_key_arn: str | None = None) -> Key:
        encryption: dict[str, Any] = {"KmsKeyId": encryption_key_arn} if encryption_key_arn else {}
        secret = cloud.client("secretsmanager").create_secret(
            Name=f"key-{issued.certificate.serial_number}",
            SecretString=issued.key_pem(),
            **encryption,
        )
        return Key(secret_arn=secret["ARN"], encryption_key_arn=encryption_key_arn)

    return put


@pytest.fixture(scope="session")
def stack_id(cloud: LocalCloud, logical_id: str) -> str:
    """Return the id of a stack that has a resource under the certificate's logical id."""
    template = {"Resources": {logical_id: {"Type": "AWS::SNS::Topic"}}}
    created = cloud.client("cloudformation").create_stack(
        StackName="web", TemplateBody=json.dumps(template)
    )
    return str(created["StackId"])


@pytest.fixture(scope="session")
def issue() -> Callable[[], Issued]:
    """Return a function that issues certificates that are valid now, because IAM checks the current time."""
    authority = Authority.root(at=datetime.now(UTC)).intermediate()
    return authority.leaf


@pytest.fixture(scope="session")
def logical_id(issue: Callable[[], Issued]) -> str:
    """Return the certificate's logical id, which depends on nothing else."""
    anywhere = Synthesizer(dict.fromkeys(_PSEUDO_PARAMETERS, "any"))
    return anywhere.declare(issue(), Key(secret_arn=_ANY_SECRET)).logical_id


@pytest.fixture(scope="session")
def states(
    cloud: LocalCloud, stack_id: str, issue: Callable[[], Issued], keep: Callable[..., Key]
) -> dict[str, Declaration]:
    """Return the states of the template in the lives of its stack."""
    values = (cloud.account_id, "aws", cloud.region, stack_id, "amazonaws.com")
    declare = Synthesizer(dict(zip(_PSEUDO_PARAMETERS, values, strict=True))).declare
    kms_key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    first, second, third = issue(), issue(), issue()
    one, two = keep(first), keep(second)
    three = keep(third, encryption_key_arn=kms_key)
    tags = {"team": "a", "stage": "test"}
    retags = {"team": "b"}
    path = "/cloudfront/web/"
    return {
        "www": declare(first, one, name="www", path="/a/", tags=tags),
        "web": declare(first, one, name="web", path=path, tags=tags),
        "web retagged": declare(first, one, name="web", path=path, tags=retags),
        "web renewed": declare(second, two, name="web", path=path, tags=retags),
        "web again": declare(first, one, name="web", path=path, tags=retags),
        "www renewed": declare(second, two, name="www", tags={"stage": "live"}),
        "mail": declare(first, one, name="mail"),
        "generated": declare(first, one, path="/b/"),
        "generated renewed": declare(third, three, path="/b/"),
        "generated again": declare(second, two, path="/b/"),
    }


@pytest.fixture
def new_stack(cloud: LocalCloud, role: Role, stack_id: str) -> Callable[..., GuardedStack]:
    """Return a function that begins a life in an account without certificates."""

    def begin(*, missing: Permission | None = None) -> GuardedStack:
        delete_all(cloud)
        return GuardedStack(cloud, role, stack_id, missing=missing)

    return begin


_PSEUDO_PARAMETERS = (
    "AWS::AccountId",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::URLSuffix",
)
_ANY_SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:key-AbCdEf"  # noqa: S105 - an address, not a secret

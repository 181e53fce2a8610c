"""Only what a run has created is removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from dev.acceptance.patience import Patience, StoppedError
from dev.acceptance.removal import Removal, clean_up
from dev.acceptance.run import Kind, Ledger, Run, Thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.acceptance.account import Account

RUN = Run("0a1b2c3d")
PREFIX = "server-certificate-acceptance-0a1b2c3d-"
GENERATED = f"{PREFIX.replace('-', '')}demoCertificates"
"""How the CDK begins a name that it generates in the stack of the life cycle."""

OTHERS = (
    "www",
    "server-certificate-acceptance-0a1b2c3e-x",
    "server-certificate-acceptance-0a1b2c3d",
    "server-certificate-acceptance-0a1b2c3d0-x",
    f"{PREFIX.replace('-', '')}x",
    PREFIX.upper() + "x",
    f"my-{PREFIX}x",
)


class _Services:
    """Stands in for every client: lists of names, from which deletions remove."""

    def __init__(self) -> None:
        self.stacks = [f"{PREFIX}recorder", f"{PREFIX}a", *OTHERS]
        self.certificates = [f"{PREFIX}c", f"{GENERATED}d", *OTHERS]
        self.broken: str | None = None
        self.secrets = [f"{PREFIX}e/private-key", *OTHERS]
        self.groups = [f"/aws/lambda/{PREFIX}f", f"{PREFIX}g", f"/other/{PREFIX}", *OTHERS]
        self.deleted: list[str] = []
        self.stubborn = ""

    def client(self, _: str) -> Any:  # noqa: ANN401 - stands in for boto3's
        return self

    def get_paginator(self, action: str) -> Any:  # noqa: ANN401 - the same
        self._fail_if_broken(action)
        pages = {
            "describe_stacks": {"Stacks": [{"StackName": name} for name in self.stacks]},
            "list_server_certificates": {
                "ServerCertificateMetadataList": [
                    {"ServerCertificateName": name} for name in self.certificates
                ]
            },
            "list_secrets": {"SecretList": [{"Name": name} for name in self.secrets]},
            "describe_log_groups": {"logGroups": [{"logGroupName": name} for name in self.groups]},
        }
        return _Pages(pages[action])

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        if StackName not in self.stacks:
            raise ClientError({"Error": {"Code": "ValidationError"}}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]}

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803 - boto3's
        self._fail_if_broken("delete_stack")
        self._delete(self.stacks, StackName)

    def delete_server_certificate(self, *, ServerCertificateName: str) -> None:  # noqa: N803 - boto3's
        if ServerCertificateName == self.stubborn:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "DeleteServerCertificate")
        self._delete(self.certificates, ServerCertificateName)

    def delete_secret(self, *, SecretId: str, ForceDeleteWithoutRecovery: bool) -> None:  # noqa: N803 - boto3's
        assert ForceDeleteWithoutRecovery
        self._delete(self.secrets, SecretId)

    def delete_log_group(self, *, logGroupName: str) -> None:  # noqa: N803 - boto3's
        self._delete(self.groups, logGroupName)

    def _fail_if_broken(self, action: str) -> None:
        if action == self.broken:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, action)

    def _delete(self, names: list[str], name: str) -> None:
        names.remove(name)
        self.deleted.append(name)


class _Pages:
    def __init__(self, page: dict[str, Any]) -> None:
        self._page = page

    def paginate(self) -> Iterator[dict[str, Any]]:
        """Yield the members one by one, as pages."""
        ((key, members),) = self._page.items()
        yield from ({key: [member]} for member in members)


@pytest.fixture
def services() -> _Services:
    """Return services with things of this run and of others."""
    return _Services()


@pytest.fixture
def removal(services: _Services) -> Removal:
    """Return what removes the things of this run."""
    return Removal(cast("Account", services), RUN, Patience())


def test_what_others_made_stays(services: _Services, removal: Removal) -> None:
    """Everything with the run's prefix is removed, stacks first, the recorder's stack as their last."""
    assert clean_up(removal, Patience(), ()) == {}
    assert services.stacks == list(OTHERS)
    assert services.certificates == list(OTHERS)
    assert services.secrets == list(OTHERS)
    assert services.groups == [f"/other/{PREFIX}", *OTHERS]
    assert services.deleted[:2] == [f"{PREFIX}a", f"{PREFIX}recorder"]


@pytest.mark.parametrize("name", OTHERS)
def test_a_foreign_name_is_never_removed(name: str, services: _Services, removal: Removal) -> None:
    """It is refused before anything else is removed."""
    with pytest.raises(ValueError, match="is not of run 0a1b2c3d"):
        removal.remove([Thing(Kind.CERTIFICATE, f"{PREFIX}c"), Thing(Kind.CERTIFICATE, name)])
    assert services.deleted == []


def test_what_is_left_is_reported(services: _Services, removal: Removal) -> None:
    """One thing that can't be removed doesn't keep the others, and the reason is returned."""
    services.stubborn = f"{PREFIX}c"
    left = clean_up(removal, Patience(), ())
    assert list(left) == [Thing(Kind.CERTIFICATE, f"{PREFIX}c")]
    assert "AccessDenied" in left[Thing(Kind.CERTIFICATE, f"{PREFIX}c")]


def test_what_was_noted_but_not_created_is_no_failure(removal: Removal) -> None:
    """Names are noted before the call, which may never have had an effect."""
    ledger = Ledger()
    ledger.note(Kind.STACK, RUN.name("never"))
    assert clean_up(removal, Patience(), ledger.latest_first()) == {}


def test_a_command_removes_what_is_left() -> None:
    """The AWS CLI removes each kind of thing by its exact name."""
    thing = Thing(Kind.SECRET, f"{PREFIX}e/private-key")
    assert thing.removal_command("eu-central-1") == (
        "aws secretsmanager delete-secret --force-delete-without-recovery --secret-id"
        f" {PREFIX}e/private-key --region eu-central-1"
    )


def test_a_stack_that_stays_keeps_nothing_else(services: _Services, removal: Removal) -> None:
    """Its deletion is refused; certificates and secrets are removed nonetheless."""
    services.broken = "delete_stack"
    left = clean_up(removal, Patience(), ())
    assert {thing.kind for thing in left} == {Kind.STACK}
    assert services.certificates == list(OTHERS)
    assert services.secrets == list(OTHERS)


def test_what_cannot_be_listed_may_be_left(services: _Services, removal: Removal) -> None:
    """Without lists nobody knows what is left: everything that the run noted is reported."""
    services.broken = "list_secrets"
    noted = [Thing(Kind.CERTIFICATE, f"{PREFIX}c")]
    left = clean_up(removal, Patience(), noted)
    assert list(left) == noted
    assert left[noted[0]].startswith("It may be left: ")


def test_a_stopped_run_waits_no_longer() -> None:
    """All waiting ends at once, so that the clean-up can begin."""
    patience = Patience()
    patience.stop()
    with pytest.raises(StoppedError):
        patience.until(lambda: False, seconds=60)

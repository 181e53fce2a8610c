"""Certificates that renew themselves, in an account that enforces policies."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.deployed_renewals import account_with, bundle
from support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.deployed_renewals import Account
    from support.projects import StartProject

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("renewal")]

APP = Path(__file__).parent / "renewal_app.py"
SECRETS = ("web", "nested", "drifting")


@pytest.fixture(scope="module")
def deployed(
    start_project: StartProject, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Account]:
    """The app's stacks, deployed once for all tests of the module; each test has a stack of its own."""
    folder = tmp_path_factory.mktemp("renewal")
    with account_with(start_project, folder, app=APP, secrets=SECRETS) as account:
        account.client("ssm").put_parameter(Name="/image", Value="ami-1", Type="String")
        account.deploy("--all", "--concurrency", "3")
        yield account


def test_two_certificates_of_one_secret_renew_themselves(deployed: Account) -> None:
    """A new version moves the listener, old certificates go, and `cdk deploy` has nothing to do after it."""
    before = deployed.held("Web")
    assert len(before) == 2
    renewed = deployed.issue()
    version = deployed.put("web", bundle(renewed))
    deployed.wait_until_renewed("Web", renewed, number=2)
    after = deployed.held("Web")
    assert not after.keys() & before.keys()
    assert after.keys() <= deployed.served()
    assert deployed.parameters("Web") == [version]
    compared = deployed.cdk("diff", "Web", "--fail")
    assert compared.exit_code == 0, compared.output
    deployed.deploy("Web")
    assert deployed.held("Web") == after
    assert deployed.parameters("Web") == [version]


def test_reset_parameter_changes_no_certificate(deployed: Account) -> None:
    """A deployment that resets the parameter reads the current version, which IAM has already."""
    renewed = deployed.issue()
    deployed.put("nested", bundle(renewed))
    deployed.wait_until_renewed("Outer", renewed)
    after = deployed.held("Outer")
    assert after.keys() <= deployed.served()
    deployed.deploy("Outer", "--no-previous-parameters")
    assert deployed.parameters("Outer") == [""]
    assert deployed.held("Outer") == after
    again = deployed.issue()
    version = deployed.put("nested", bundle(again))
    deployed.wait_until_renewed("Outer", again)
    assert deployed.parameters("Outer") == [version]
    assert deployed.held("Outer").keys() <= deployed.served()


def test_bad_material_is_rolled_back(deployed: Account) -> None:
    """With a wrong key or for another host, the old certificate goes on serving, and an event says why."""
    before = deployed.held("Web")
    other_key = deployed.issue().fullchain_pem(root=True) + deployed.issue().key_pem()
    other_host = bundle(deployed.issue("other.example.org"))
    for text, reason in (
        (other_key, "it doesn't belong to the certificate"),
        (other_host, "doesn't cover 'www.example.com'"),
    ):
        version = deployed.put("web", text)
        event = deployed.event(lambda each, it=version: each["detail"].get("VersionId") == it)
        assert event["detail-type"] == "Server Certificate Renewal Failed"
        assert reason in event["detail"]["Reason"]
        assert deployed.status("Web") == "UPDATE_ROLLBACK_COMPLETE"
        assert deployed.held("Web") == before
        assert before.keys() <= deployed.served()
    good = deployed.issue()
    deployed.put("web", bundle(good))
    deployed.wait_until_renewed("Web", good, number=2)


def test_change_set_that_changes_something_else_is_not_executed(deployed: Account) -> None:
    """An event names the resource that the renewal would change; a deployment does both."""
    before = deployed.held("Drifting")
    deployed.client("ssm").put_parameter(Name="/image", Value="ami-2", Overwrite=True)
    renewed = deployed.issue()
    version = deployed.put("drifting", bundle(renewed))
    event = deployed.event(lambda each: each["detail"].get("VersionId") == version)
    assert event["detail-type"] == "Server Certificate Renewal Refused"
    assert "Copy" in event["detail"]["Reason"]
    assert deployed.held("Drifting") == before
    assert deployed.status("Drifting") == "CREATE_COMPLETE"
    sets = deployed.client("cloudformation").list_change_sets(StackName="Drifting")["Summaries"]
    assert [each for each in sets if each["ChangeSetName"].startswith("renewal-")] == []


def test_busy_stack_is_renewed_when_it_rests(deployed: Account) -> None:
    """A new version that is stored while a deployment runs is renewed after it."""
    first, second = deployed.issue(), deployed.issue()
    deployed.put("web", bundle(first))
    wait_for(lambda: deployed.status("Web") != "UPDATE_COMPLETE")
    with suppress(TimeoutError):
        deployed.put("web", bundle(second))
    deployed.wait_until_renewed("Web", second, number=2)


def test_nothing_is_left(deployed: Account) -> None:
    """`cdk destroy` deletes everything, after renewals, too."""
    outcome = deployed.cdk("destroy", "--all", "--force")
    assert outcome.exit_code == 0, outcome.output
    assert deployed.project.observer.snapshot().certificates == ()

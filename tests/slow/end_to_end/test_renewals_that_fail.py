"""Renewals that fail, as a person sees them: in an event, a metric, an alarm and `server-certificate list`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Fault
from dev.certificates.keys import KeyType
from support.deployed_renewals import HOST, account_with, bundle
from support.failing_renewals import DAYS, LAG, SECRET, STACK, Web, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.projects import StartProject

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("renewals-that-fail")]

APP = Path(__file__).parent / "failing_renewals_app.py"


@pytest.fixture(scope="module")
def stacks(
    start_project: StartProject, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Web, Web]]:
    """The app's stacks, deployed once for all tests of the module; each leaves them with good certificates."""
    folder = tmp_path_factory.mktemp("failing")
    with account_with(start_project, folder, app=APP, secrets=(SECRET,)) as account:
        expired = bundle(account.authority.leaf(HOST, fault=Fault.EXPIRED))
        secrets = account.client("secretsmanager")
        pending = secrets.put_secret_value(
            SecretId=SECRET, SecretString=expired, VersionStages=["AWSPENDING"]
        )
        foreign = share(account)
        account.deploy("--all", "--concurrency", "2")
        yield Web(account=account, secrets=secrets, pending=pending["VersionId"]), foreign


@pytest.fixture
def web(stacks: tuple[Web, Web]) -> Web:
    """The stack with a secret of its own account."""
    return stacks[0]


@pytest.fixture
def foreign(stacks: tuple[Web, Web]) -> Web:
    """The stack with a secret of another account."""
    return stacks[1]


def test_expired_certificate(web: Web) -> None:
    """It isn't uploaded, the event quotes the function, and `list` shows that a newer version waits."""
    assert "newer secret" not in web.listed()
    with web.unchanged():
        version = web.put(web.account.authority.leaf(HOST, fault=Fault.EXPIRED))
        reason = web.failure(version)
        assert "the status of the stack is UPDATE_ROLLBACK_COMPLETE. Reason: Certificate" in reason
        assert f"'CN={HOST}' expired on" in reason
        assert "current, newer secret" in web.listed()
        web.run()
        assert f"'CN={HOST}' expired on" in web.failure(version, "CloudFormation rolled back")
    web.renew()
    assert "newer secret" not in web.listed()


def test_key_that_the_consumer_does_not_take(web: Web) -> None:
    """IAM takes it, the listener refuses it, and the event quotes the listener."""
    with web.unchanged():
        version = web.put(web.account.authority.leaf(HOST, key_type=KeyType.P224))
        reason = web.failure(version)
        assert "the status of the stack is UPDATE_ROLLBACK_COMPLETE. Reason: Https: " in reason
        assert "a supported signature, and a supported key size." in reason
        assert "current, newer secret" in web.listed()
    web.renew()


def test_secret_that_may_not_be_read_for_the_upload(web: Web) -> None:
    """The event names the action, and the kind of policy that denies it."""
    with (
        web.unchanged(),
        web.without_secret("IamServerCertificateProviderRole", "secretsmanager:GetSecretValue"),
    ):
        version = web.put(web.account.issue())
        reason = web.failure(version)
        assert "The function's role isn't allowed to read the secret" in reason
        assert "perform: secretsmanager:GetSecretValue" in reason
        assert "Allow it in the resource-based policy." in reason
        assert "current, newer secret" in web.listed()
    web.renew()


def test_secret_that_may_not_be_described(web: Web) -> None:
    """The event names the action, and the lag is missing, but the days aren't."""
    good = web.account.issue()
    action = "secretsmanager:DescribeSecret"
    lags, days = web.measured(LAG), web.measured(DAYS)
    with web.unchanged(), web.without_secret("IamServerCertificateRenewalRole", action):
        web.put(good)
        reason = web.failure("")
        assert f"The renewal function isn't allowed to call {action}" in reason
        assert "with an explicit deny in a resource-based policy" in reason
        assert f"Allow {action} for the function's role" in reason
        assert "If the secret was deleted" not in reason
        assert "current, newer secret" in web.listed()
        assert web.measured(LAG) == lags
        assert web.measured(DAYS) > days
    web.run()
    web.wait_until_renewed(good)


def test_alarm_on_the_lag(web: Web) -> None:
    """It goes off while an expired version waits, and clears after a good one is renewed."""
    web.run_until_alarm_is("OK")
    with web.unchanged():
        web.use(web.pending)
        web.failure(web.pending, "expired on")
        web.run_until_alarm_is("ALARM")
    web.renew()
    web.run_until_alarm_is("OK")


def test_rollback_that_fails(web: Web) -> None:
    """The event says that a person must continue the rollback, and the run after that renews."""
    good = web.account.issue()
    fix = "Fix the cause, then continue the rollback with cdk rollback. The next run renews"
    with web.unchanged():
        with web.without_permission("IamServerCertificateRenewalUpdateRole", "lambda:Invoke*"):
            version = web.put(good)
            reason = web.failure(version)
            assert "the status of the stack is UPDATE_ROLLBACK_FAILED. Reason: Cert" in reason
            assert "not authorized to perform: lambda:InvokeFunction" in reason
            assert fix in reason
            web.run()
            assert fix in web.failure(version, "its status is UPDATE_ROLLBACK_FAILED")
            assert "current, newer secret" in web.listed()
        outcome = web.account.cdk("rollback", STACK)
        assert outcome.exit_code == 0, outcome.output
        assert web.account.status(STACK) == "UPDATE_ROLLBACK_COMPLETE"
    web.run()
    web.wait_until_renewed(good)


def test_secret_that_is_scheduled_for_deletion(web: Web) -> None:
    """The event has the command that restores it, and no renewal needs to be due."""
    (version,) = web.account.parameters(STACK)
    lags = web.measured(LAG)
    with web.unchanged():
        web.account.client("secretsmanager").delete_secret(SecretId=SECRET, RecoveryWindowInDays=7)
        web.run()
        reason = web.failure(version)
        assert web.measured(LAG) > lags
        assert "newer secret" not in web.listed()
        sentence, _, command = reason.partition(" Restore it: ")
        assert sentence == "The secret is scheduled for deletion."
        web.command(*shlex.split(command))
    web.renew()


def test_secret_that_is_gone(web: Web) -> None:
    """The event says what helps: another secret of the same name, which the next run finds."""
    good = web.account.issue()
    lags = web.measured(LAG)
    with web.unchanged():
        web.account.client("secretsmanager").delete_secret(
            SecretId=SECRET, ForceDeleteWithoutRecovery=True
        )
        web.run()
        assert "create it again under the same name" in web.failure("")
        assert web.measured(LAG) == lags
        listed = web.listed()
        assert "newer secret" not in listed
        assert "Some secrets can't be read." in listed
        file = web.account.project.directory / "good.pem"
        file.write_text(bundle(good))
        web.command("server-certificate", "store", "--secret", SECRET, file)
    web.run()
    web.wait_until_renewed(good)


def test_secret_of_another_account(web: Web, foreign: Web) -> None:
    """Its events don't arrive, so its new version is renewed by the next scheduled run."""
    good = web.account.issue()
    with foreign.unchanged():
        foreign.put(good)
        web.renew()
    foreign.run()
    foreign.wait_until_renewed(good)


def test_secret_of_another_account_that_is_not_shared_any_more(foreign: Web) -> None:
    """The event names the action and what must allow it, and the lag is missing, but the days aren't."""
    good = foreign.account.issue()
    action = "secretsmanager:DescribeSecret"
    lags, days = foreign.measured(LAG), foreign.measured(DAYS)
    with foreign.unchanged(), foreign.without_policy():
        foreign.put(good)
        foreign.run()
        reason = foreign.failure("")
        assert f"The renewal function isn't allowed to call {action}" in reason
        assert f"because no resource-based policy allows the {action} action." in reason
        assert f"Allow {action} for the function's role in the resource-based policy." in reason
        assert foreign.measured(LAG) == lags
        assert foreign.measured(DAYS) > days
    foreign.run()
    foreign.wait_until_renewed(good)

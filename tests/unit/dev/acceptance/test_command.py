"""The command begins only for the account that its user names, and only when that is confirmed."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from dev.acceptance import account, command

ACCOUNT = "111122223333"


class _Account:
    """An account that answers nothing but its summary."""

    account_id = ACCOUNT
    region = "eu-central-1"
    endpoint = None
    held = 3

    def client(self, service_name: str) -> Any:  # noqa: ANN401 - stands in for boto3's
        assert service_name == "iam"
        return self

    def get_account_summary(self) -> dict[str, dict[str, int]]:
        return {"SummaryMap": {"ServerCertificates": self.held, "ServerCertificatesQuota": 20}}


class _NobodyAccount:
    """An account that must not be called."""

    def __init__(self) -> None:
        pytest.fail("The account was called.")


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "Account", _Account)
    monkeypatch.setattr(command, "_ask", lambda *_: pytest.fail("A run has begun."))


def test_without_the_variable_it_explains_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It calls nothing, says what to do, and exits with 2."""
    monkeypatch.setattr(command, "Account", _NobodyAccount)
    monkeypatch.delenv("ACCEPTANCE_ACCOUNT", raising=False)
    assert command.main(["--yes"]) == 2
    printed = capsys.readouterr()
    assert "Set ACCEPTANCE_ACCOUNT to the account's id" in printed.err
    assert "Nothing has been called or created." in printed.err


@pytest.mark.parametrize(
    "value", ["12345", "11112222333x", "1111222233334", "1111222233\u0663\u0663"]
)
def test_what_is_no_account_id_is_refused(
    value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It calls nothing."""
    monkeypatch.setattr(command, "Account", _NobodyAccount)
    monkeypatch.setenv("ACCEPTANCE_ACCOUNT", value)
    assert command.main(["--yes"]) == 2
    assert capsys.readouterr().err == (
        f"ACCEPTANCE_ACCOUNT is {value!r}. Set it to an account id, which has 12 digits.\n"
    )


@pytest.mark.parametrize("arguments", [["--yes"], ["--yes", "--clean-up", "0a1b2c3d"]])
def test_another_account_is_refused(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is created or removed in an account that the variable doesn't name."""
    monkeypatch.setenv("ACCEPTANCE_ACCOUNT", "444455556666")
    assert command.main(arguments) == 2
    assert "the credentials belong to account 111122223333" in capsys.readouterr().err


def test_nobody_to_confirm_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a terminal and without --yes it says what it would create, and exits with 2."""
    monkeypatch.setenv("ACCEPTANCE_ACCOUNT", ACCOUNT)
    assert command.main([]) == 2
    printed = capsys.readouterr()
    assert "server certificates in IAM at a time; the account holds 3 of 20" in printed.out
    assert "no load balancer" in printed.out
    assert printed.err == "There is no terminal to confirm this: add --yes.\n"


def test_an_account_that_refuses_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A caller that may not read the account's quota gets IAM's answer, and nothing is created."""

    def refuse(_: _Account) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetAccountSummary")

    monkeypatch.setenv("ACCEPTANCE_ACCOUNT", ACCOUNT)
    monkeypatch.setattr(_Account, "get_account_summary", refuse)
    assert command.main(["--yes"]) == 2
    assert "AccessDenied" in capsys.readouterr().err


def test_aws_region_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """It wins over AWS_DEFAULT_REGION, the only variable that boto3 reads."""
    monkeypatch.setattr(account.Account, "_who", lambda _: None)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert account.Account().region == "eu-west-1"


@pytest.mark.parametrize("answer", ["", "n", "what?"])
def test_anything_but_yes_is_a_no(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal it asks, and takes only a yes."""
    monkeypatch.setenv("ACCEPTANCE_ACCOUNT", ACCOUNT)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: answer)
    assert command.main([]) == 2


def test_a_full_account_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It doesn't take the last room for certificates from those who use the account."""
    monkeypatch.setenv("ACCEPTANCE_ACCOUNT", ACCOUNT)
    monkeypatch.setattr(_Account, "held", 9)
    assert command.main(["--yes"]) == 2
    assert "room for 11 more server certificates, but a run needs 12" in capsys.readouterr().err


@pytest.mark.parametrize("run", ["", "0a1b2c3", "0A1B2C3D", "0a1b2c3d-", "*"])
def test_only_a_whole_id_is_cleaned_up(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shorter id would be the prefix of other runs."""
    monkeypatch.setenv("ACCEPTANCE_ACCOUNT", ACCOUNT)
    assert command.main(["--yes", "--clean-up", run]) == 2

"""Completion of certificate names in the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import NoCredentialsError

from server_certificate_cli.aws.session import Aws
from support.command import run

if TYPE_CHECKING:
    from dev.certificates.authority import Issued
    from support.command_account import CommandAccount


def completed(line: str) -> list[str]:
    """Return bash's completions for the last word of a line."""
    ended = run(
        env={
            "_SERVER_CERTIFICATE_COMPLETE": "bash_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(line.split(" ")) - 1),
        }
    )
    assert (ended.code, ended.err) == (0, "")
    return ended.out.split()


@pytest.mark.parametrize("command", ["show", "release", "release --yes --region us-west-2"])
def test_names_are_completed(command: str, account: CommandAccount, leaf: Issued) -> None:
    """Names in IAM that begin with the word are completed, by one call."""
    for name in ("www", "www-2", "shop"):
        account.hold(name, leaf)
    assert completed(f"server-certificate {command} w") == ["plain,www", "plain,www-2"]
    assert account.calls == ["ListServerCertificates"]


def test_without_aws(account: CommandAccount) -> None:
    """If AWS can't be asked, there are no completions and no error."""
    account.unreachable = NoCredentialsError()
    assert completed("server-certificate show w") == []


def test_without_the_profile(account: CommandAccount) -> None:
    """An unknown profile has no completions."""
    assert completed("server-certificate show --profile none w") == []
    assert account.calls == []


def test_a_shell_does_not_wait_long(account: CommandAccount) -> None:
    """One attempt with short timeouts is made."""
    config = Aws(profile=None, region=None, is_hasty=True).iam().meta.config
    assert config.connect_timeout == config.read_timeout == 2
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}
    assert account.calls == []

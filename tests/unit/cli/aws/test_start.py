"""The imports of the AWS commands, and their timeouts."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from server_certificate_cli.aws.session import Aws

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.command import Ended
    from support.command_account import CommandAccount


@pytest.mark.parametrize("name", ["store", "list", "show", "prune", "release"])
def test_help_loads_no_aws(name: str) -> None:
    """Help and completion import neither boto3 nor rich."""
    program = (
        "import sys\nfrom server_certificate_cli.main import group\n"
        f"try: group.main([{name!r}, '--help'])\nexcept SystemExit: pass\n"
        "print(sorted({'boto3', 'botocore', 'rich', 'aws_cdk'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_waits_are_bounded(account: CommandAccount) -> None:
    """Connections and reads have timeouts of seconds, with three attempts."""
    for client in (
        Aws(profile=None, region=None).iam(),
        Aws(profile=None, region=None).secrets_manager(),
    ):
        assert client.meta.config.connect_timeout == 5
        assert client.meta.config.read_timeout == 10
        assert client.meta.config.retries == {"mode": "standard"}
    assert account.calls == []


def test_tries_can_be_chosen(monkeypatch: pytest.MonkeyPatch, account: CommandAccount) -> None:
    """AWS_MAX_ATTEMPTS sets the number of attempts."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "7")
    retries = Aws(profile=None, region=None).iam().meta.config.retries
    assert retries == {"mode": "standard", "total_max_attempts": 7}
    assert account.calls == []


def test_no_log_is_switched_on(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """The debug log of botocore, which contains whole requests, stays disabled."""
    run("store", "--secret", "www", str(folder))
    assert account.stored
    assert not logging.getLogger("botocore").isEnabledFor(logging.DEBUG)

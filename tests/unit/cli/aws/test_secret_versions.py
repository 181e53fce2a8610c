"""Newer versions of the secrets that certificates were read from, in ``list`` and ``show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from local_cloud.iam.tags import Tag
from server_certificate.contract.ownership import (
    LOGICAL_ID_TAG,
    SECRET_VERSION_TAG,
    STACK_ID_TAG,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Issued
    from support.command import Ended
    from support.command_account import CommandAccount, StoredSecret

STACK = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/0a1b2c3d"
ELSEWHERE = "arn:aws:secretsmanager:us-east-1:111122223333:secret:www-AbCdEf"
DENIED = (
    400,
    "AccessDeniedException",
    (
        "User: arn:aws:iam::111122223333:user/me is not authorized to perform:"
        " secretsmanager:DescribeSecret on resource: arn:aws:secretsmanager:eu-central-1"
    ),
)


@pytest.fixture
def secret(account: CommandAccount, leaf: Issued) -> StoredSecret:
    """Return the secret from which the certificate of a stack was read."""
    stored = account.secret("www", "bundle")
    _hold(account, leaf, "www", f"{stored.arn} {next(iter(stored.versions))}")
    return stored


def _hold(account: CommandAccount, leaf: Issued, name: str, read: str) -> None:
    """Put a certificate into the account that a resource of the stack has."""
    owned = (Tag(LOGICAL_ID_TAG, name), Tag(STACK_ID_TAG, STACK), Tag(SECRET_VERSION_TAG, read))
    held = account.hold(name, leaf, tags=owned)
    account.stack_statuses[STACK] = "UPDATE_COMPLETE"
    account.resources[STACK, name] = (held.certificate_id, "UPDATE_COMPLETE")


def _listed(run: Callable[..., Ended], name: str = "www") -> Any:  # noqa: ANN401 - JSON
    certificates = run("list", "--json").json["certificates"]
    return next(each for each in certificates if each["name"] == name)


def test_version_is_current(secret: StoredSecret, run: Callable[..., Ended]) -> None:
    """The table has no mark if IAM has the current version."""
    (version,) = secret.versions
    assert "newer secret" not in run("list").out
    assert f"{secret.arn}, version {version}: it is current" in _words(run("show", "www").out)
    assert _listed(run)["secret"] == {
        "arn": secret.arn,
        "version_id": version,
        "current_version_id": version,
        "newer": False,
    }


def test_newer_version(
    account: CommandAccount, secret: StoredSecret, run: Callable[..., Ended]
) -> None:
    """A newer version is shown, without reading any value."""
    secret.versions["newer"] = "renewed bundle"
    assert "  current, newer secret  " in run("list").out
    assert ": a newer version is current, newer" in _words(run("show", "www").out)
    assert _listed(run)["secret"]["newer"] is True
    assert "GetSecretValue" not in account.calls


def test_secret_is_read_once(
    account: CommandAccount, leaf: Issued, secret: StoredSecret, run: Callable[..., Ended]
) -> None:
    """Certificates of one secret share a request, and others make none."""
    _hold(account, leaf, "shop", f"{secret.arn} older")
    account.hold("left", leaf, tags=(Tag(SECRET_VERSION_TAG, f"{secret.arn} older"),))
    listed = run("list", "--json").json["certificates"]
    assert {each["name"]: each["secret"] and each["secret"]["newer"] for each in listed} == {
        "www": False,
        "shop": True,
        "left": None,
    }
    assert account.calls.count("DescribeSecret") == 1


def test_secret_of_another_region(
    account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """A secret is asked for in the Region of its ARN."""
    _hold(account, leaf, "www", f"{ELSEWHERE} 1")
    run("list")
    assert account.regions["secretsmanager"] == "us-east-1"


@pytest.mark.parametrize("command", ["list", "show www"])
def test_secret_that_can_not_be_read(
    command: str, account: CommandAccount, secret: StoredSecret, run: Callable[..., Ended]
) -> None:
    """Whether a newer version waits is unknown then, which is not an error."""
    account.refuse["DescribeSecret"] = [DENIED]
    done = run(*command.split())
    assert done.code == 0
    assert "newer secret" not in done.out
    if command == "list":
        assert done.err.startswith("Some secrets can't be read. AWS denied")
    else:
        assert "the current version is unknown" in _words(done.out)
    account.refuse["DescribeSecret"] = [DENIED]
    assert _listed(run)["secret"]["newer"] is None
    assert _listed(run)["secret"]["arn"] == secret.arn


@pytest.mark.parametrize("read", ["", "x", "arn:damaged 1", "arn:aws:secretsmanager"])
def test_damaged_tag(
    read: str, account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """A tag that somebody has changed is not an error."""
    _hold(account, leaf, "www", read)
    assert run("list").code == 0
    assert run("show", "www").code == 0


def _words(text: str) -> str:
    return " ".join(text.split())

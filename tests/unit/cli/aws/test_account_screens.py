"""What the commands for AWS show on terminals, as recorded in ``tests/snapshots/screens``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import DAY, NOW, Authority
from local_cloud.iam.tags import Tag
from server_certificate.contract.ownership import (
    LOGICAL_ID_TAG,
    RETAIN_TAG,
    SECRET_VERSION_TAG,
    STACK_ID_TAG,
)
from support.command import write_parts

if TYPE_CHECKING:
    from pathlib import Path

    from support.command_account import CommandAccount
    from support.screens import Screens

STACK = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/0a1b2c3d"
LISTENER = (
    "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/lb/50dc6c495c0c9188/0a1b"
)
LONG = "web-Certificate-1A2B3C4D-eu-central-1-0123456789abcdef0123456789"
LATER = ("--at", f"{NOW + 5 * DAY:%Y-%m-%dT%H:%M:%SZ}")


def owned(stack: str, *more: Tag) -> tuple[Tag, ...]:
    """Return the tags of a certificate that a stack has uploaded."""
    return (
        Tag(LOGICAL_ID_TAG, "Certificate1A2B3C4D"),
        Tag(STACK_ID_TAG, STACK.replace("web", stack)),
        *more,
    )


@pytest.fixture
def busy_account(account: CommandAccount, authority: Authority) -> CommandAccount:
    """Return an account in which every state occurs."""
    names = ("www.example.com", "example.com", "shop.example.com", "login.example.com")
    secret = account.secret("www", "bundle")
    read = Tag(SECRET_VERSION_TAG, f"{secret.arn} 0a1b2c3d-0000-4000-8000-1a2b3c4d5e6f")
    www = account.hold(
        "www", authority.leaf(*names), path="/cloudfront/www/", tags=owned("web", read)
    )
    account.stack_statuses[STACK] = "UPDATE_COMPLETE"
    account.resources[STACK, "Certificate1A2B3C4D"] = (www.certificate_id, "UPDATE_COMPLETE")
    account.used_by[LISTENER] = [www.arn]
    brief = authority.leaf("api.example.com", not_after=NOW + 20 * DAY)
    account.hold(LONG, brief, tags=owned("web"))
    retained = authority.leaf("old.example.com", not_after=NOW + 60 * DAY)
    account.hold("retained", retained, tags=owned("former-stack", Tag(RETAIN_TAG, "true")))
    account.hold("www-2029", authority.leaf("www.example.com", not_after=NOW + DAY))
    account.hold("denied", brief, tags=owned("denied"))
    account.stack_statuses[STACK.replace("web", "denied")] = ""
    gone = authority.leaf("beta.example.com", not_after=NOW + 2 * DAY)
    account.hold("beta", gone, tags=owned("beta"))
    return account


@pytest.mark.usefixtures("busy_account")
def test_list(screens: Screens) -> None:
    """The list is a table where it fits, and records otherwise."""
    screens.compare("list", "list", *LATER)


@pytest.mark.usefixtures("busy_account")
def test_list_of_consumers(screens: Screens) -> None:
    """The consumers are part of the list."""
    screens.compare("list-consumers", "list", "--consumers", "--path-prefix", "/cloud", *LATER)


@pytest.mark.usefixtures("account")
def test_empty_list(screens: Screens) -> None:
    """An empty account is a sentence."""
    screens.compare("list-empty", "list", *LATER)


@pytest.mark.usefixtures("busy_account")
def test_show(screens: Screens) -> None:
    """Long facts continue below themselves."""
    screens.compare("show", "show", "beta", "--consumers", "--for", "elb", *LATER)


@pytest.mark.usefixtures("busy_account")
def test_prune(screens: Screens) -> None:
    """The plan is shown before the question."""
    screens.compare("prune", "prune", *LATER, typed="n\n")


@pytest.mark.usefixtures("busy_account")
def test_carried_out_prune(screens: Screens) -> None:
    """What came of each certificate is shown."""
    screens.compare("prune-yes", "prune", *LATER, "--yes", widths=(80,))


@pytest.mark.usefixtures("account")
def test_prune_of_nothing(screens: Screens) -> None:
    """Nothing to delete is a sentence, without a question."""
    screens.compare("prune-nothing", "prune", *LATER)


@pytest.mark.usefixtures("busy_account")
def test_release(screens: Screens) -> None:
    """The tags are shown before the question."""
    screens.compare("release", "release", "retained", typed="n\n")


@pytest.mark.usefixtures("busy_account")
def test_carried_out_release(screens: Screens) -> None:
    """What was released, and what to do then, is shown."""
    screens.compare("release-yes", "release", "retained", typed="y\n", widths=(80,))


def test_store_over_another_domain(
    screens: Screens, account: CommandAccount, authority: Authority, here: Path
) -> None:
    """Both certificates are shown before the question."""
    former = authority.leaf("shop.example.com", "pay.example.com")
    account.secret("www", {"certificate": former.pem, "privateKey": former.key_pem()})
    write_parts(here / "www", authority.leaf("www.example.com"), root=False)
    screens.compare("store-other-domain", "store", "--secret", "www", "www", typed="n\n")
    assert len(account.stored["www"].versions) == 1


def test_store_of_a_renewal(
    screens: Screens, account: CommandAccount, authority: Authority, here: Path
) -> None:
    """A renewal shows what changes, and isn't asked about."""
    former = authority.leaf("www.example.com", "old.example.com", not_after=NOW + DAY)
    account.secret("www", {"certificate": former.pem, "privateKey": former.key_pem()})
    write_parts(here / "www", authority.leaf("www.example.com"), root=False)
    screens.compare("store-renewal", "store", "--secret", "www", "www", widths=(160,))

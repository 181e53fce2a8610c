"""``server-certificate release``: the ownership tags of what no stack has can be taken off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local_cloud.iam.tags import Tag
from server_certificate.contract.ownership import (
    ADOPTED_TAG,
    LOGICAL_ID_TAG,
    REQUEST_ID_TAG,
    RETAIN_TAG,
    STACK_ID_TAG,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Issued
    from support.command import Ended
    from support.command_account import CommandAccount

STACK = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/0a1b2c3d"
RETAINED = (
    Tag(LOGICAL_ID_TAG, "Certificate1A2B"),
    Tag(REQUEST_ID_TAG, "r-1"),
    Tag(RETAIN_TAG, "true"),
    Tag(STACK_ID_TAG, STACK),
    Tag("team", "edge"),
)
UNTAG = "UntagServerCertificate"
UNTAG_COMMAND = (
    "aws iam untag-server-certificate --server-certificate-name www --tag-keys"
    f" {LOGICAL_ID_TAG} {REQUEST_ID_TAG} {RETAIN_TAG} {STACK_ID_TAG}"
)


@pytest.fixture
def retained(account: CommandAccount, leaf: Issued) -> CommandAccount:
    """Return an account with a certificate that a deleted stack has retained."""
    account.hold("www", leaf, path="/edge/", tags=RETAINED)
    return account


def keys(account: CommandAccount) -> set[str]:
    """Return the keys of the certificate's tags."""
    return {tag.key for tag in account.certificates.get("www").tags}


def test_released(retained: CommandAccount, run: Callable[..., Ended]) -> None:
    """With --yes, the ownership tags are taken off in one call, and the others stay."""
    done = run("release", "www", "--yes", at="")
    assert (done.code, done.err) == (0, "")
    assert "state       stack gone, retained: its stack web was deleted" in done.out
    assert f"remove tag  {STACK_ID_TAG} = {STACK}" in done.out
    assert done.out.endswith("Released 'www'. A stack can adopt it now: adopt_existing=True.\n")
    assert keys(retained) == {"team"}
    assert retained.calls.count(UNTAG) == 1


@pytest.mark.parametrize("what", ["certificate_id", "arn"])
def test_named_in_other_ways(
    what: str, retained: CommandAccount, run: Callable[..., Ended]
) -> None:
    """The ServerCertificateId and the ARN name it, too."""
    wanted = getattr(retained.certificates.get("www"), what)
    assert run("release", wanted, "--yes", at="").code == 0
    assert keys(retained) == {"team"}


def test_without_agreement(retained: CommandAccount, run: Callable[..., Ended]) -> None:
    """Without a terminal and --yes, what would be taken off is shown, and nothing is changed."""
    done = run("release", "www", at="")
    assert done.code == 0
    assert STACK_ID_TAG in done.out
    assert "Nothing was changed." in done.out
    assert UNTAG not in retained.calls


@pytest.mark.parametrize(("agrees", "code"), [(True, 0), (False, 1)])
def test_asked(
    agrees: bool,  # noqa: FBT001 - the answer
    code: int,
    retained: CommandAccount,
    answer: Callable[[bool], list[str]],
    run: Callable[..., Ended],
) -> None:
    """On a terminal, the person is asked; no is exit code 1."""
    questions = answer(agrees)
    assert run("release", "www", at="").code == code
    assert questions == ["Take these tags off?"]
    assert (STACK_ID_TAG in keys(retained)) is not agrees


def test_for_machines(retained: CommandAccount, run: Callable[..., Ended]) -> None:
    """JSON has the tags and whether they were taken off, and --json alone changes nothing."""
    planned = run("release", "www", "--json", at="").json
    done = run("release", "www", "--json", "--yes", at="").json
    again = run("release", "www", "--json", "--yes", at="").json
    tags = {tag.key: tag.value for tag in RETAINED if tag.key != "team"}
    assert (planned["schema_version"], planned["state"]) == (1, "stack-gone")
    assert (planned["tags"], planned["released"]) == (tags, False)
    assert (done["tags"], done["released"]) == (tags, True)
    assert (again["tags"], again["released"], again["state"]) == ({}, False, "unmanaged")
    assert retained.calls.count(UNTAG) == 1


def test_without_tags(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """A certificate without ownership tags needs no release, and its other tags stay."""
    account.hold("www", leaf, tags=(Tag("team", "edge"),))
    done = run("release", "www", "--yes", at="")
    assert (done.code, done.err) == (0, "")
    assert "there is nothing to release" in done.out
    assert keys(account) == {"team"}


@pytest.mark.parametrize(
    ("status", "tags", "holds", "words"),
    [
        (
            "UPDATE_COMPLETE",
            RETAINED,
            True,
            "the resource Certificate1A2B of the stack web has it. Delete the stack or the construct",
        ),
        ("UPDATE_COMPLETE", RETAINED[:1] + RETAINED[3:], True, "set its removal policy to"),
        (
            "UPDATE_COMPLETE",
            (*RETAINED[:1], *RETAINED[3:], Tag(ADOPTED_TAG, "true")),
            True,
            "with adopt_existing=True in the template",
        ),
        ("UPDATE_IN_PROGRESS", RETAINED, False, "Wait until its operation is complete"),
        ("UPDATE_ROLLBACK_FAILED", RETAINED, False, "finish the one that failed"),
        (
            "",
            RETAINED,
            False,
            UNTAG_COMMAND,
        ),
    ],
    ids=["retained", "current", "adopted", "busy", "failed", "unknown"],
)
def test_refused(
    status: str,
    tags: tuple[Tag, ...],
    holds: bool,  # noqa: FBT001 - a column
    words: str,
    account: CommandAccount,
    leaf: Issued,
    run: Callable[..., Ended],
) -> None:
    """What a stack has or could still need is refused, with the reason and the way out."""
    stored = account.hold("www", leaf, tags=tags)
    account.stack_statuses[STACK] = status
    if holds:
        account.resources[STACK, "Certificate1A2B"] = (stored.certificate_id, "CREATE_COMPLETE")
    done = run("release", "www", "--yes", at="")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("Error: 'www' can't be released")
    assert words in done.err
    assert UNTAG not in account.calls


@pytest.mark.parametrize("holder", ["ASCAAAAAAAAAAAAAAAAAA", ""])
def test_left_behind(holder: str, retained: CommandAccount, run: Callable[..., Ended]) -> None:
    """A stack that exists, but has another certificate or no such resource, doesn't keep it."""
    retained.stack_statuses[STACK] = "UPDATE_COMPLETE"
    if holder:
        retained.resources[STACK, "Certificate1A2B"] = (holder, "UPDATE_COMPLETE")
    done = run("release", "www", "--yes", at="")
    assert done.code == 0
    assert "left behind, retained" in done.out
    assert keys(retained) == {"team"}


def test_changed_while_a_person_thinks(
    monkeypatch: pytest.MonkeyPatch, retained: CommandAccount, run: Callable[..., Ended]
) -> None:
    """What was changed since it was shown is not released."""

    def confirm(_question: str) -> bool:
        retained.certificates.tag("www", [Tag("team", "other")])
        return True

    monkeypatch.setattr("server_certificate_cli.aws.release.can_ask", lambda: True)
    monkeypatch.setattr("server_certificate_cli.aws.release.confirm", confirm)
    done = run("release", "www", at="")
    assert done.code == 1
    assert "was changed meanwhile. Nothing was released." in done.err
    assert UNTAG not in retained.calls


@pytest.mark.parametrize(
    "words", [("",), ("a b",), (STACK,), (), ("www", "shop"), ("www", "--yes=1")]
)
def test_bad_input(
    words: tuple[str, ...], account: CommandAccount, run: Callable[..., Ended]
) -> None:
    """A missing, empty or invalid name and the ARN of a stack are usage errors without a request."""
    done = run("release", *words, at="")
    assert done.code == 2
    assert account.calls == []


def test_missing(retained: CommandAccount, run: Callable[..., Ended]) -> None:
    """A name that doesn't exist is an error that suggests a similar one."""
    done = run("release", "wwww", "--yes", at="")
    assert done.code == 1
    assert "Did you mean 'www'?" in done.err
    assert UNTAG not in retained.calls


def test_denied(retained: CommandAccount, run: Callable[..., Ended]) -> None:
    """An untagging that is denied is an error."""
    retained.refuse[UNTAG] = [(403, "AccessDenied", "no")]
    done = run("release", "www", "--yes", at="")
    assert done.code == 1
    assert "AWS denied UntagServerCertificate" in done.err
    assert "Released" not in done.out

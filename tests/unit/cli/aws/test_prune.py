"""``server-certificate prune``: nothing is deleted without agreement, or after a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from dev.certificates.authority import DAY, NOW
from local_cloud.iam.tags import Tag
from server_certificate.contract.ownership import LOGICAL_ID_TAG, RETAIN_TAG, STACK_ID_TAG
from server_certificate_cli.aws.durations import duration

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from dev.certificates.authority import Issued
    from support.command import Ended
    from support.command_account import CommandAccount

STACK = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/0a1b2c3d"
BUSY = STACK.replace("web", "busy")
LATER = f"{NOW + 2 * DAY:%Y-%m-%dT%H:%M:%SZ}"
LISTENER = (
    "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/lb/50dc6c495c0c9188/0a1b"
)
DENIED = (403, "AccessDenied", "no")
MUST_NOT = "DeleteServerCertificate"


def owned(stack: str = STACK, *more: Tag) -> tuple[Tag, ...]:
    """Return the tags of a certificate that a stack has uploaded."""
    return (Tag(LOGICAL_ID_TAG, "Certificate1A2B"), Tag(STACK_ID_TAG, stack), *more)


@pytest.fixture
def abandoned(account: CommandAccount, leaf: Issued) -> CommandAccount:
    """Return an account with a certificate of a deleted stack, a retained one, and others."""
    account.hold("gone", leaf, tags=owned())
    account.hold("kept", leaf, tags=owned(STACK, Tag(RETAIN_TAG, "true")))
    account.hold("busy", leaf, tags=owned(BUSY))
    account.hold("foreign", leaf)
    account.stack_statuses[BUSY] = "UPDATE_IN_PROGRESS"
    return account


def outcomes(done: Ended) -> dict[str, str]:
    """Return the outcome of each certificate."""
    return {item["name"]: item["outcome"] for item in done.json["certificates"]}


def test_without_agreement(abandoned: CommandAccount, run: Callable[..., Ended]) -> None:
    """Without a terminal and --yes, the plan is shown with the reasons, and nothing is deleted."""
    done = run("prune", at=LATER)
    assert (done.code, done.err) == (0, "")
    to_delete, _, kept = done.out.partition("Kept, although")
    assert "gone" in to_delete
    assert "because  its stack web was deleted, uploaded 2 days ago" in to_delete
    assert "its stack retains it" in kept
    assert "the stack busy is in UPDATE_IN_PROGRESS, and could still need it" in kept
    assert "1 other certificate kept: current, or not of a stack." in kept
    assert kept.endswith("Nothing was deleted. To delete, run the same command with --yes.\n")
    assert MUST_NOT not in abandoned.calls


def test_retained_when_its_stack_was_deleted(
    abandoned: CommandAccount, run: Callable[..., Ended]
) -> None:
    """What CloudFormation skipped when it deleted the stack is kept, although no tag says so."""
    abandoned.stack_statuses[STACK] = "DELETE_COMPLETE"
    left = abandoned.certificates.get("gone").certificate_id
    abandoned.resources[STACK, "Certificate1A2B"] = (left, "DELETE_SKIPPED")
    done = run("prune", "--yes", at=LATER)
    assert done.code == 0
    assert "CloudFormation retained it instead of deleting it (DELETE_SKIPPED)" in done.out
    assert MUST_NOT not in abandoned.calls


def test_for_machines(abandoned: CommandAccount, run: Callable[..., Ended]) -> None:
    """JSON has the outcome of each certificate, and --json alone is a dry run."""
    planned = run("prune", "--json", at=LATER)
    carried_out = run("prune", "--json", "--yes", at=LATER)
    others = {"busy": "kept", "foreign": "kept", "kept": "kept"}
    assert (planned.json["schema_version"], planned.json["dry_run"]) == (1, True)
    assert outcomes(planned) == {"gone": "planned", **others}
    assert carried_out.json["dry_run"] is False
    assert outcomes(carried_out) == {"gone": "deleted", **others}
    assert sorted(abandoned.names()) == ["busy", "foreign", "kept"]


def test_agreed(abandoned: CommandAccount, run: Callable[..., Ended]) -> None:
    """With --yes, what is planned is deleted, and nothing else."""
    done = run("prune", "--yes", at=LATER)
    assert done.code == 0
    assert done.out.endswith("\ndeleted gone\n")
    assert sorted(abandoned.names()) == ["busy", "foreign", "kept"]


@pytest.mark.parametrize(("agrees", "code", "left"), [(True, 0, 3), (False, 1, 4)])
def test_asked(
    agrees: bool,  # noqa: FBT001 - the answer
    code: int,
    left: int,
    abandoned: CommandAccount,
    answer: Callable[[bool], list[str]],
    run: Callable[..., Ended],
) -> None:
    """On a terminal, the person is asked once, after the plan; no is exit code 1."""
    questions = answer(agrees)
    done = run("prune", at=LATER)
    assert questions == ["Delete this certificate?"]
    assert (done.code, len(abandoned.names())) == (code, left)
    assert ("Nothing was deleted." in done.out) is not agrees


def test_nothing_to_delete(
    account: CommandAccount,
    leaf: Issued,
    answer: Callable[[bool], list[str]],
    run: Callable[..., Ended],
) -> None:
    """Without candidates, nothing is asked; a young certificate isn't one."""
    account.hold("gone", leaf, tags=owned())
    questions = answer(True)  # noqa: FBT003 - the answer
    done = run("prune")
    assert (done.code, questions) == (0, [])
    assert done.out.startswith("There is nothing to delete.\n")
    assert "it was uploaded just now (--older-than)" in done.out


def test_in_use(abandoned: CommandAccount, run: Callable[..., Ended]) -> None:
    """A certificate that IAM says is in use stays, with its consumer, which is not an error."""
    gone = abandoned.certificates.get("gone").certificate_id
    abandoned.in_use_by[gone] = LISTENER
    done = run("prune", "--yes", at=LATER)
    machines = run("prune", "--yes", "--json", at=LATER).json["certificates"]
    (item,) = [each for each in machines if each["name"] == "gone"]
    assert done.code == 0
    assert f"in use gone: in use by {LISTENER}" in done.out
    assert (item["outcome"], item["consumers"]) == ("in-use", [LISTENER])
    assert "gone" in abandoned.names()


@pytest.mark.parametrize(
    ("message", "consumer"),
    [
        ("Certificate: A is being used by CloudFront.", "a CloudFront distribution"),
        ("Nope", "something that IAM doesn't name"),
    ],
)
def test_consumers_of_other_messages(
    message: str, consumer: str, abandoned: CommandAccount, run: Callable[..., Ended]
) -> None:
    """IAM's messages aren't documented, so that one that is unknown is repeated."""
    abandoned.refuse[MUST_NOT] = [(409, "DeleteConflict", message)]
    done = run("prune", "--yes", at=LATER)
    assert done.code == 0
    assert f"in use by {consumer}" in done.out


def test_known_consumers(abandoned: CommandAccount, run: Callable[..., Ended]) -> None:
    """With --consumers, what is in use isn't even tried."""
    abandoned.used_by[LISTENER] = [abandoned.certificates.get("gone").arn]
    done = run("prune", "--yes", "--consumers", at=LATER)
    assert f"in use by {LISTENER}" in done.out
    assert MUST_NOT not in abandoned.calls


def test_one_that_fails(abandoned: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """A request that fails is exit code 1, and the others are deleted."""
    abandoned.hold("gone-2", leaf, tags=owned())
    abandoned.refuse[MUST_NOT] = [DENIED]
    done = run("prune", "--yes", at=LATER)
    assert done.code == 1
    assert "failed gone: AWS denied DeleteServerCertificate" in done.out
    assert "deleted gone-2" in done.out


def change_tags(account: CommandAccount) -> None:
    """Let somebody retain it."""
    account.certificates.tag("gone", [Tag(RETAIN_TAG, "true")])


def remove_it(account: CommandAccount) -> None:
    """Let somebody delete it."""
    account.certificates.delete("gone")


def bring_stack_back(account: CommandAccount) -> None:
    """Let the stack be something else than gone, as after a wrong answer."""
    account.stack_statuses[STACK] = "UPDATE_IN_PROGRESS"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (change_tags, "it was changed meanwhile"),
        (remove_it, "it was deleted or renamed meanwhile"),
        (bring_stack_back, "the stack web is in UPDATE_IN_PROGRESS, and could still need it"),
    ],
)
def test_changed_while_a_person_thinks(
    change: Callable[[CommandAccount], None],
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    abandoned: CommandAccount,
    run: Callable[..., Ended],
) -> None:
    """Just before it is deleted, the certificate and its stack are read again."""

    def confirm(_question: str) -> bool:
        change(abandoned)
        return True

    monkeypatch.setattr("server_certificate_cli.aws.prune.can_ask", lambda: True)
    monkeypatch.setattr("server_certificate_cli.aws.prune.confirm", confirm)
    done = run("prune", at=LATER)
    assert done.code == 0
    assert f"changed gone: {reason}" in done.out
    assert MUST_NOT not in abandoned.calls


def test_tags_that_may_be_incomplete(abandoned: CommandAccount, run: Callable[..., Ended]) -> None:
    """Nothing is deleted whose tags can't be read by the action for tags."""
    abandoned.refuse["ListServerCertificateTags"] = [DENIED]
    done = run("prune", "--prefix", "foreign", "--older-than", "1d", "--yes", at=LATER)
    assert done.code == 1
    assert "failed foreign: AWS denied ListServerCertificateTags" in done.out
    assert MUST_NOT not in abandoned.calls


def test_tags_that_come_at_the_last_moment(
    abandoned: CommandAccount, run: Callable[..., Ended]
) -> None:
    """Tags that only the action for tags returns keep a certificate."""
    tag = [Tag(STACK_ID_TAG, BUSY)]

    def read_again() -> None:
        abandoned.afterwards["GetServerCertificate"] = lambda: abandoned.certificates.tag(
            "foreign", tag
        )

    abandoned.afterwards["GetServerCertificate"] = read_again
    done = run("prune", "--prefix", "foreign", "--older-than", "1d", "--yes", at=LATER)
    assert "changed foreign: it was changed meanwhile" in done.out
    assert MUST_NOT not in abandoned.calls


def test_stack_that_can_not_be_read(abandoned: CommandAccount, run: Callable[..., Ended]) -> None:
    """Denied access to a stack keeps its certificates, and is reported."""
    abandoned.stack_statuses[STACK] = ""
    done = run("prune", "--yes", at=LATER)
    assert done.code == 0
    assert "There is nothing to delete." in done.out
    assert "the stack web can't be read" in done.out
    assert done.err.startswith("The stack web can't be read: AWS denied ListStackResources")
    assert len(abandoned.names()) == 4


def test_stack_is_asked_in_its_region(
    account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """CloudFormation is asked in the Region of the stack's ARN, whatever --region says."""
    account.hold("gone", leaf, tags=owned(STACK.replace("eu-central-1", "us-west-2")))
    run("prune", "--region", "eu-west-1", at=LATER)
    assert account.regions["cloudformation"] == "us-west-2"


def test_prefix(abandoned: CommandAccount, run: Callable[..., Ended]) -> None:
    """--prefix deletes what has no tags, and only names that begin with it."""
    done = run("prune", "--prefix", "for", "--older-than", "1d", "--yes", "--json", at=LATER)
    assert outcomes(done) == {"foreign": "deleted"}
    assert sorted(abandoned.names()) == ["busy", "gone", "kept"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--prefix", "www"), "Add --older-than or --expired"),
        (("--prefix", "", "--expired"), "is not the beginning of a server certificate name"),
        (("--prefix", "a b", "--expired"), "is not the beginning of a server certificate name"),
        (("--prefix", "/www/", "--expired"), "is not the beginning of a server certificate name"),
        (("--prefix", "arn:aws:iam", "--expired"), "is not the beginning of"),
        (("--older-than", ""), "is not a duration in hours, days or weeks"),
        (("--older-than", "7"), "Did you mean '7d'?"),
        (("--older-than", "-1d"), "is not a duration"),
        (("--older-than", "1.5d"), "is not a duration"),
        (("--older-than", "1m"), "is not a duration"),
        (("--older-than", "2030-06-15"), "is not a duration"),
        (("--older-than", "99999w"), "is too long. The maximum is 36500d."),
        (("--keep", "-1"), "--keep"),
        (("--keep", "all"), "--keep"),
        (("--keep", ""), "--keep"),
        (("--consumer-region", "eu-central-1"), "Add --consumers."),
        (("--consumers", "--consumer-region", ""), "is not an AWS Region"),
        (("--consumers", "--consumer-region", "Frankfurt"), "is not an AWS Region"),
        (("--expired", "www"), "unexpected extra argument"),
    ],
)
def test_bad_input(
    words: tuple[str, ...], problem: str, account: CommandAccount, run: Callable[..., Ended]
) -> None:
    """A wrong type, an empty value and a neighbor's value are usage errors without a request."""
    done = run("prune", *words)
    assert done.code == 2
    assert problem in done.err
    assert account.calls == []


@pytest.mark.parametrize(
    ("text", "length"),
    [("0h", 0 * DAY), ("36h", 1.5 * DAY), ("2d", 2 * DAY), ("1w", 7 * DAY), (None, None)],
)
def test_durations(text: str | None, length: timedelta | None) -> None:
    """Hours, days and weeks are durations."""
    parameter = click.Option(["--older-than"])
    assert duration(click.Context(click.Command("prune")), parameter, text) == length

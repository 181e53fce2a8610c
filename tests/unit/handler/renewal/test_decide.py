"""Whether to renew: every state of the stack, the secret and the certificates."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_certificate_handler.renewal.attempts import Attempt
from server_certificate_handler.renewal.decide import (
    RETRY_AFTER,
    Busy,
    Decision,
    Impossible,
    NothingToDo,
    Renew,
    decide,
)
from server_certificate_handler.renewal.facts import CertificateFacts, SecretFacts, StackFacts
from support.renewal_account import NEW, NOW, OLD, PARAMETER, SECRET_ARN, STACK_ID

BEHIND = CertificateFacts(arn="arn", name="tls", expiration=NOW, version_id=OLD)
CURRENT = replace(BEHIND, version_id=NEW)
UNTAGGED = replace(BEHIND, version_id=None)
SECRET = SecretFacts(arn=SECRET_ARN, current=NEW, created=NOW, is_deleted=False)
STACK = StackFacts(
    stack_id=STACK_ID, status="UPDATE_COMPLETE", parameters={PARAMETER: OLD}, capabilities=()
)
FAILED = Attempt(NOW - timedelta(hours=2), "UPDATE_ROLLBACK_COMPLETE", "Certificate: Expired.")
RUNNING = Attempt(NOW - timedelta(minutes=2), "UPDATE_IN_PROGRESS", "")


def decision(
    *certificates: CertificateFacts | None,
    secret: SecretFacts = SECRET,
    stack: StackFacts | None = STACK,
    attempt: Attempt | None = None,
) -> Decision:
    """Decide about certificates."""
    return decide(
        certificates, secret=secret, stack=stack, parameter=PARAMETER, attempt=attempt, now=NOW
    )


STATUSES: dict[str, Decision | str] = {
    "CREATE_COMPLETE": Renew(NEW),
    "UPDATE_COMPLETE": Renew(NEW),
    "UPDATE_ROLLBACK_COMPLETE": Renew(NEW),
    "IMPORT_COMPLETE": Renew(NEW),
    "IMPORT_ROLLBACK_COMPLETE": Renew(NEW),
    "CREATE_IN_PROGRESS": NothingToDo("The status of the stack is CREATE_IN_PROGRESS."),
    "REVIEW_IN_PROGRESS": NothingToDo("The status of the stack is REVIEW_IN_PROGRESS."),
    "ROLLBACK_IN_PROGRESS": NothingToDo("The status of the stack is ROLLBACK_IN_PROGRESS."),
    "DELETE_IN_PROGRESS": NothingToDo("The status of the stack is DELETE_IN_PROGRESS."),
    **{
        status: Busy(f"The stack can't be updated now, because its status is {status}.")
        for status in (
            "UPDATE_IN_PROGRESS",
            "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "UPDATE_ROLLBACK_IN_PROGRESS",
            "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            "IMPORT_IN_PROGRESS",
            "IMPORT_ROLLBACK_IN_PROGRESS",
        )
    },
    "CREATE_FAILED": "delete it, then deploy again.",
    "ROLLBACK_FAILED": "delete it, then deploy again.",
    "ROLLBACK_COMPLETE": "delete it, then deploy again.",
    "DELETE_FAILED": "Delete it again with cdk destroy.",
    "DELETE_COMPLETE": "delete the EventBridge rules",
    "UPDATE_FAILED": "Roll it back with cdk rollback.",
    "UPDATE_ROLLBACK_FAILED": "continue the rollback with cdk rollback.",
    "IMPORT_ROLLBACK_FAILED": "Fix the import that failed, then deploy again.",
}
"""What is decided in each status of a stack, or a part of the reason why it is impossible."""


def test_statuses_are_those_of_the_api() -> None:
    """The table has every status of CloudFormation's API reference."""
    model = botocore.session.get_session().get_service_model("cloudformation")
    assert {*STATUSES} == {*model.shape_for("StackStatus").enum}


@pytest.mark.parametrize("status", STATUSES)
def test_status_of_the_stack(status: str) -> None:
    """A due renewal begins, waits, or is reported with the fix, depending on the stack's status."""
    expected = STATUSES[status]
    made = decision(BEHIND, stack=replace(STACK, status=status))
    if isinstance(expected, str):
        assert isinstance(made, Impossible)
        assert status in made.reason
        assert expected in made.reason
    else:
        assert made == expected


def test_status_that_is_not_known() -> None:
    """A status that CloudFormation adds later is reported."""
    made = decision(BEHIND, stack=replace(STACK, status="PAUSED"))
    assert made == Impossible(
        "The stack can't be updated, because its status is PAUSED. Deploy it again."
    )


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "UPDATE_IN_PROGRESS"])
def test_status_does_not_matter_if_nothing_is_due(status: str) -> None:
    """If the certificates are current, a stack that can't be updated isn't reported."""
    assert isinstance(decision(CURRENT, stack=replace(STACK, status=status)), NothingToDo)


def test_missing_stack() -> None:
    """A stack that doesn't exist is reported."""
    made = decision(stack=None)
    assert isinstance(made, Impossible)
    assert "The stack doesn't exist." in made.reason


@pytest.mark.parametrize(
    ("certificates", "parameter", "expected"),
    [
        ([CURRENT], OLD, False),
        ([CURRENT], "", False),
        ([CURRENT, BEHIND], OLD, True),
        ([UNTAGGED], OLD, True),
        ([UNTAGGED], "", True),
        ([UNTAGGED], NEW, False),
        ([None], OLD, True),
        ([None], NEW, False),
        ([CURRENT, None], NEW, False),
        ([], OLD, False),
    ],
)
def test_due(
    certificates: list[CertificateFacts | None],
    parameter: str,
    expected: bool,  # noqa: FBT001 (a table)
) -> None:
    """A tag counts; without one, and for a certificate that can't be read, the parameter does."""
    stack = replace(STACK, parameters={PARAMETER: parameter})
    made = decision(*certificates, stack=stack)
    assert made == Renew(NEW) if expected else isinstance(made, NothingToDo)


@pytest.mark.parametrize(
    ("secret", "stack", "sentence"),
    [
        (
            replace(SECRET, is_deleted=True),
            STACK,
            f"aws secretsmanager restore-secret --secret-id {SECRET_ARN}",
        ),
        (replace(SECRET, current=None), STACK, f"server-certificate store --secret {SECRET_ARN}"),
        (SECRET, replace(STACK, parameters={}), f"has no parameter '{PARAMETER}'"),
    ],
)
def test_what_is_missing_is_reported(secret: SecretFacts, stack: StackFacts, sentence: str) -> None:
    """Without a secret, a version or the parameter no certificate can be renewed, now or later."""
    made = decision(CURRENT, secret=secret, stack=stack)
    assert isinstance(made, Impossible)
    assert sentence in made.reason


@pytest.mark.parametrize(
    "version", ["v2", "1" * 31, "1" * 65, f"{'1' * 31}_", f"{'1' * 31}é", f"{NEW}\n", "../" + NEW]
)
def test_version_id_that_cannot_be_a_name(version: str) -> None:
    """The ID of a version can be chosen, and not every ID can name a change set."""
    made = decision(BEHIND, secret=replace(SECRET, current=version))
    assert isinstance(made, Impossible)
    assert f"'{version}'" in made.reason
    assert "32 to 64 letters, digits and hyphens" in made.reason


@pytest.mark.parametrize(
    ("attempt", "expected"),
    [
        (FAILED, Impossible),
        (replace(FAILED, began=NOW - RETRY_AFTER), Renew),
        (replace(FAILED, status="UPDATE_ROLLBACK_FAILED"), Renew),
        (replace(FAILED, status="UPDATE_COMPLETE"), Renew),
        (RUNNING, Renew),
        (None, Renew),
    ],
)
def test_version_that_failed_is_tried_once_a_day(
    attempt: Attempt | None, expected: type[Decision]
) -> None:
    """After a rollback, the same version waits until the next day, unless a person had to repair the stack."""
    assert isinstance(decision(BEHIND, attempt=attempt), expected)


def test_failed_attempt_is_explained() -> None:
    """The report repeats CloudFormation's reason, and when it is tried again."""
    made = decision(BEHIND, attempt=FAILED)
    assert made == Impossible(
        "CloudFormation rolled back the renewal of 2026-11-27 22:17 UTC. It is tried again after"
        " 2026-11-28 21:17 UTC, and a newer version of the secret at once. Reason: Certificate:"
        " Expired."
    )


def test_own_update_in_progress_is_quiet() -> None:
    """A second run during a renewal neither raises nor reports anything."""
    stack = replace(STACK, status="UPDATE_IN_PROGRESS")
    assert isinstance(decision(BEHIND, stack=stack, attempt=RUNNING), NothingToDo)
    assert isinstance(decision(BEHIND, stack=stack, attempt=FAILED), Busy)


def test_changed_tag_is_reported() -> None:
    """If the stack already names the version, another update would change nothing."""
    made = decision(None, BEHIND, stack=replace(STACK, parameters={PARAMETER: NEW}))
    assert isinstance(made, Impossible)
    assert "--server-certificate-name tls --tag-keys cdk-iam-" in made.reason


@given(
    certificates=st.lists(st.sampled_from([None, BEHIND, CURRENT, UNTAGGED]), max_size=3),
    secret=st.sampled_from(
        [SECRET, replace(SECRET, current=None), replace(SECRET, is_deleted=True)]
    ),
    status=st.sampled_from([None, *STATUSES]),
    value=st.sampled_from([None, "", OLD, NEW]),
    attempt=st.sampled_from([None, FAILED, RUNNING]),
)
def test_renewal_begins_only_if_it_is_due_and_can(
    certificates: list[CertificateFacts | None],
    secret: SecretFacts,
    status: str | None,
    value: str | None,
    attempt: Attempt | None,
) -> None:
    """In all combinations, a renewal has a new version, a stack at rest, and no failure today."""
    parameters = {} if value is None else {PARAMETER: value}
    stack = None if status is None else replace(STACK, status=status, parameters=parameters)
    made = decision(*certificates, secret=secret, stack=stack, attempt=attempt)
    may_renew = (
        any(each != CURRENT for each in certificates)
        and secret == SECRET
        and status is not None
        and STATUSES[status] == Renew(NEW)
        and value in {"", OLD}
        and attempt != FAILED
    )
    assert (made == Renew(NEW)) is may_renew
    if not may_renew:
        assert made.reason  # type: ignore[union-attr]

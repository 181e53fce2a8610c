"""Which certificates are pruned, as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server_certificate.contract.ownership import (
    ADOPTED_TAG,
    LOGICAL_ID_TAG,
    RETAIN_TAG,
    STACK_ID_TAG,
)
from server_certificate_cli.aws.certificates import CertificateDetails, CertificateSummary
from server_certificate_cli.aws.inventory import Entry
from server_certificate_cli.aws.ownership import (
    GONE,
    UNREADABLE,
    StackView,
    UnreadableStack,
    ownership,
)
from server_certificate_cli.aws.prune_plan import Rules, plan

AT = datetime(2030, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
STACK = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/0a1b2c3d"
OWNED = {STACK_ID_TAG: STACK, LOGICAL_ID_TAG: "Certificate"}
DELETED = StackView(status=GONE)
PREFIX = {"prefix": "www"}


def entry(
    tags: dict[str, str] | None = None,
    view: StackView | UnreadableStack | None = DELETED,
    *,
    name: str = "www-1",
    age: timedelta | None = 2 * DAY,
    expires: timedelta | None = DAY,
    readable: bool = True,
    consumers: tuple[str, ...] | None = None,
) -> Entry:
    """Return a certificate that its deleted stack has left behind, with differences."""
    held = OWNED if tags is None else tags
    listed = CertificateSummary(
        name=name,
        path="/",
        certificate_id=name,
        arn=f"arn:aws:iam::111122223333:server-certificate/{name}",
        expiration=None if expires is None else AT + expires,
        upload_date=None if age is None else AT - age,
    )
    return Entry(
        listed=listed,
        details=CertificateDetails(listed=listed, body="", chain=None, tags=held)
        if readable
        else None,
        ownership=ownership(name, held, view) if readable else UNREADABLE,
        consumers=consumers,
    )


def decided(*entries: Entry, **rules: Any) -> list[tuple[bool, str]]:  # noqa: ANN401 - the fields of Rules
    """Return the decisions and their reasons."""
    found = plan(entries, Rules(**{"at": AT, "older_than": DAY, **rules}))
    return [(decision.deletes, decision.reason) for decision in found]


@pytest.mark.parametrize(
    ("candidate", "rules", "reason"),
    [
        (entry(), {}, "its stack web was deleted, uploaded 2 days ago"),
        (entry(age=DAY), {}, "its stack web was deleted, uploaded 1 day ago"),
        (
            entry(view=StackView(status="UPDATE_COMPLETE", resources={"Certificate": "ASCAX"})),
            {},
            "the resource Certificate of the stack web now has ASCAX, uploaded 2 days ago",
        ),
        (entry(age=timedelta()), {"older_than": timedelta()}, "uploaded just now"),
        (entry(expires=-DAY), {"expired": True}, "its stack web was deleted"),
        (entry(), PREFIX, "its stack web was deleted"),
        (entry({}, None), PREFIX, "its tags don't name a stack, uploaded 2 days ago"),
        (entry({"team": "edge"}, None), PREFIX, "its tags don't name a stack"),
    ],
)
def test_deleted(candidate: Entry, rules: dict[str, Any], reason: str) -> None:
    """What its stack no longer has is deleted, and what has no tags only by its prefix."""
    ((deletes, why),) = decided(candidate, **rules)
    assert deletes
    assert reason in why


@pytest.mark.parametrize(
    ("candidate", "rules", "reason"),
    [
        (entry(age=DAY - timedelta(seconds=1)), {}, "it was uploaded 23 hours ago (--older-than)"),
        (entry(), {"older_than": 3 * DAY}, "it was uploaded 2 days ago (--older-than)"),
        (entry(age=-DAY), {}, "it was uploaded just now (--older-than)"),
        (entry(age=None), {}, "its upload date is unknown"),
        (entry(), {"expired": True}, "it has not expired (--expired)"),
        (entry(expires=None), {"expired": True}, "it has not expired (--expired)"),
        (entry(expires=timedelta()), {"expired": True}, "it has not expired (--expired)"),
        (entry({**OWNED, RETAIN_TAG: "true"}), {}, "its stack retains it (removal policy RETAIN)"),
        (
            entry(view=StackView(status=GONE, retained=frozenset({"www-1"}))),
            {},
            "CloudFormation retained it instead of deleting it (DELETE_SKIPPED)",
        ),
        (entry({**OWNED, ADOPTED_TAG: "true"}), {}, "it was adopted: it existed before its stack"),
        (entry({**OWNED, RETAIN_TAG: "true"}), PREFIX, "its stack retains it"),
        (entry({ADOPTED_TAG: "true"}, None), PREFIX, "it was adopted"),
        (
            entry(view=StackView(status="CREATE_COMPLETE", resources={"Certificate": "www-1"})),
            PREFIX,
            "the resource Certificate of the stack web has it",
        ),
        (
            entry(view=StackView(status="UPDATE_IN_PROGRESS", resources={})),
            {},
            "the stack web is in UPDATE_IN_PROGRESS, and could still need it",
        ),
        (
            entry(view=UnreadableStack("AWS denied it.")),
            PREFIX,
            "the stack web can't be read",
        ),
        (entry(readable=False), PREFIX, "its tags can't be read"),
        (entry({}, None), {}, "it has no ownership tags"),
        (entry({}, None, name="shop"), PREFIX, "its name doesn't begin with 'www'"),
        (entry(name="shop"), PREFIX, "its name doesn't begin with 'www'"),
        (entry({LOGICAL_ID_TAG: "C"}, None), PREFIX, "its ownership tags are incomplete"),
        (
            entry({"aws:cloudformation:stack-name": "native"}, None),
            PREFIX,
            "the stack native manages it",
        ),
        (entry(consumers=("arn:a", "arn:b")), {}, "in use by arn:a, arn:b"),
    ],
)
def test_kept(candidate: Entry, rules: dict[str, Any], reason: str) -> None:
    """Whatever could be needed by anyone is kept, and the reason says why."""
    ((deletes, why),) = decided(candidate, **rules)
    assert not deletes
    assert why.startswith(reason)


def test_newest_are_kept() -> None:
    """--keep counts by resource, and only what would be deleted."""
    other = {**OWNED, LOGICAL_ID_TAG: "Other"}
    entries = (
        entry(name="www-1", age=5 * DAY),
        entry(name="www-2", age=3 * DAY),
        entry(name="www-3", age=4 * DAY),
        entry({**OWNED, RETAIN_TAG: "true"}, name="www-4", age=2 * DAY),
        entry(other, name="www-5", age=9 * DAY),
        entry({}, None, name="www-6", age=9 * DAY),
        entry({}, None, name="www-7", age=8 * DAY),
    )
    assert [deletes for deletes, _ in decided(*entries, keep=1, **PREFIX)] == [
        *(True, False, True, False, False, True, False)
    ]
    assert decided(*entries, keep=2, **PREFIX)[1] == (False, "--keep 2: number 1 by age")
    assert not any(deletes for deletes, _ in decided(*entries, keep=3, **PREFIX))

"""Draw a certificate that IAM holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.description import timestamp
from server_certificate_cli.output.chain_picture import draw
from server_certificate_cli.output.finding_lines import by_subject, counts, draw_groups
from server_certificate_cli.output.terminal import Terminal, plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from server_certificate.assessment import Assessment, Criteria
    from server_certificate_cli.aws.certificates import Listed, Shown
    from server_certificate_cli.aws.owner import OwningStack

_PRIVATE_KEY = "IAM never gives it back; there is only what you keep yourself"


def draw_shown(
    shown: Shown, owner: OwningStack | None, assessment: Assessment, criteria: Criteria
) -> None:
    """
    Draw what IAM says of a certificate, its chain, and what was found about it.

    Args:
        shown: What IAM says.
        owner: The stack that owns it; None if its tags name none.
        assessment: What was found about it.
        criteria: What it was checked against.
    """
    console = Terminal()
    console.say(plain(shown.listed.name, "bold"))
    facts = list(_facts(shown, owner, criteria.at))
    width = max(len(title) for title, _ in facts)
    for title, fact in facts:
        console.say((f"  {title.ljust(width)}  ", "dim"), plain(fact))
    console.say()
    draw_groups(console, by_subject(draw(console, assessment, criteria)), {})
    console.say()
    found = counts(assessment.findings)
    console.say((f"Found: {found}." if found else "Nothing was found.", "bold"))


def _facts(shown: Shown, owner: OwningStack | None, at: datetime) -> Iterator[tuple[str, str]]:
    listed = shown.listed
    yield "path", listed.path
    yield "id", listed.certificate_id
    yield "ARN", listed.arn
    yield "uploaded", timestamp(listed.upload_date) if listed.upload_date else "unknown"
    yield "expires", _expiry(listed, at)
    if owner is None:
        yield "owner", "its tags name no stack"
    else:
        resource = f", resource {owner.logical_id}" if owner.logical_id else ""
        yield "owner", f"stack {owner.stack_name}{resource}"
    yield "private key", _PRIVATE_KEY
    for key, value in sorted(shown.tags.items()):
        yield "tag", f"{key} = {value}"


def _expiry(listed: Listed, at: datetime) -> str:
    days = listed.days_left(at)
    if listed.expiration is None or days is None:
        return "unknown"
    state = "expired" if days < 0 else f"{days:,} {'day' if days == 1 else 'days'} left"
    return f"{timestamp(listed.expiration)}, {state}"

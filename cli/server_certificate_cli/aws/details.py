"""Print the output of ``server-certificate show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from server_certificate.description import timestamp
from server_certificate_cli.aws.table import draw_facts
from server_certificate_cli.output.chain_tree import draw
from server_certificate_cli.output.finding_lines import by_subject, counts, draw_groups
from server_certificate_cli.output.terminal import Terminal, plain
from server_certificate_cli.output.validity import describe_expiry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate.assessment import Assessment, Criteria
    from server_certificate_cli.aws.certificates import CertificateDetails
    from server_certificate_cli.aws.inventory import Entry
    from server_certificate_cli.aws.secret_versions import ReadFrom

_PRIVATE_KEY = "not shown; IAM never returns private keys"


def draw_details(
    shown: CertificateDetails, entry: Entry, assessment: Assessment, criteria: Criteria
) -> None:
    """
    Print a certificate in IAM, its chain, and the findings.

    Args:
        shown: The certificate.
        entry: What else is known about it.
        assessment: The result of the check.
        criteria: The criteria of the check.
    """
    console = Terminal()
    console.write_line(plain(shown.listed.name, "bold"))
    draw_facts(console, list(_facts(shown, entry, criteria)))
    console.write_line()
    draw_groups(console, by_subject(draw(console, assessment, criteria)), {})
    console.write_line()
    found = counts(assessment.findings)
    console.write_line((f"Findings: {found}." if found else "No findings.", "bold"))


def _secret(secret: ReadFrom) -> str:
    """Return where the certificate was read, for people."""
    newer = {
        None: "the current version is unknown",
        True: f"a newer version is current, {secret.current}",
        False: "it is current",
    }
    return f"{secret.read.arn}, version {secret.read.version_id}: {newer[secret.newer]}"


def _facts(
    shown: CertificateDetails, entry: Entry, criteria: Criteria
) -> Iterator[tuple[str, Text]]:
    listed = shown.listed
    expiry = describe_expiry(listed.expiration, at=criteria.at, expiry_days=criteria.expiry_days)
    yield "path", plain(listed.path)
    yield "id", plain(listed.certificate_id)
    yield "ARN", plain(listed.arn)
    yield "uploaded", plain(timestamp(listed.upload_date) if listed.upload_date else "unknown")
    yield "expires", Text(expiry.full, expiry.style)
    if entry.owner is None:
        yield "owner", plain("none (no ownership tags)")
    else:
        resource = f", resource {entry.owner.logical_id}" if entry.owner.logical_id else ""
        yield "owner", plain(f"stack {entry.owner.stack_name}{resource}")
        yield "state", plain(f"{entry.ownership.text}: {entry.ownership.reason}")
    if entry.secret is not None:
        yield "secret", plain(_secret(entry.secret))
    if entry.consumers is not None:
        for consumer in entry.consumers or ("nothing found",):
            yield "used by", plain(consumer)
    yield "private key", plain(_PRIVATE_KEY)
    for key, value in sorted(shown.tags.items()):
        yield "tag", plain(f"{key} = {value}")

"""Print the output of ``server-certificate list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from server_certificate_cli.aws.ownership import State
from server_certificate_cli.aws.table import Column, draw_rows
from server_certificate_cli.output.terminal import Terminal, plain
from server_certificate_cli.output.validity import describe_expiry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from server_certificate_cli.aws.certificates import Quota
    from server_certificate_cli.aws.inventory import Entry

_COLUMNS = (
    Column(title="NAME", folds=True),
    Column(title="DOMAINS"),
    Column(title="EXPIRES"),
    Column(title="STATE"),
    Column(title="OWNER", folds=True),
    Column(title="ID", optional=True),
    Column(title="PATH", optional=True),
    Column(title="UPLOADED", optional=True),
)
_USED_BY = Column(title="USED BY", folds=True)
_STYLES = {
    State.CURRENT: "green",
    State.LEFT_BEHIND: "yellow",
    State.STACK_GONE: "yellow",
    State.UNMANAGED: "dim",
}


def draw_listing(
    entries: Sequence[Entry],
    quota: Quota | None,
    *,
    path_prefix: str | None,
    at: datetime,
    expiry_days: int,
) -> None:
    """
    Print the certificates.

    Args:
        entries: The certificates, and what is known about them.
        quota: The account's quota; None if it is unknown.
        path_prefix: The requested path prefix, for messages.
        at: The time from which to count the days.
        expiry_days: Mark certificates that expire within this many days.
    """
    console = Terminal()
    where = f" with the path prefix '{path_prefix}'" if path_prefix else ""
    if not entries:
        console.write_line(plain(f"There are no server certificates{where} in this account."))
    else:
        with_consumers = any(entry.consumers is not None for entry in entries)
        columns = (*_COLUMNS, *((_USED_BY,) if with_consumers else ()))
        rows = [_row(entry, at=at, expiry_days=expiry_days) for entry in entries]
        omitted = draw_rows(console, columns, [row[: len(columns)] for row in rows])
        console.write_line()
        number = len(entries)
        noun = "certificate" if number == 1 else "certificates"
        console.write_line(plain(f"{number:,} server {noun}{where}."))
        if omitted:
            console.write_line(
                Text(
                    f"Not shown at this width: {', '.join(omitted)}. Use show NAME, or --json.",
                    "dim",
                )
            )
    if quota is not None:
        console.write_line(plain(f"Quota: {quota.used:,} of {quota.limit:,} used in this account."))


def _row(entry: Entry, *, at: datetime, expiry_days: int) -> list[Text]:
    listed = entry.listed
    expiry = describe_expiry(listed.expiration, at=at, expiry_days=expiry_days)
    state = entry.ownership.state
    return [
        plain(listed.name, "bold"),
        _domains(entry.domains),
        Text(expiry.short, expiry.style),
        Text(entry.state_text, _STYLES.get(state, "yellow")),
        plain(str(entry.owner)) if entry.owner else Text("-", "dim"),
        plain(listed.certificate_id),
        plain(listed.path),
        _date(listed.upload_date),
        plain(", ".join(entry.consumers) if entry.consumers else "-"),
    ]


def _domains(domains: Sequence[str] | None) -> Text:
    if domains is None:
        return Text("unknown", "yellow")
    if not domains:
        return Text("-", "dim")
    more = f" (+{len(domains) - 1:,})" if len(domains) > 1 else ""
    return plain(f"{domains[0]}{more}")


def _date(instant: datetime | None) -> Text:
    return Text("unknown", "dim") if instant is None else Text(f"{instant:%Y-%m-%d}")

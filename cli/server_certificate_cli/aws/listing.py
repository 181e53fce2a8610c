"""Draw what IAM lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from server_certificate_cli.output.terminal import Terminal, plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from server_certificate_cli.aws.certificates import Listed, Owners, Quota

_HEADER = ("NAME", "PATH", "ID", "EXPIRES", "DAYS LEFT", "UPLOADED", "STACK/RESOURCE")


def draw_listing(
    listed: Sequence[Listed],
    owners: Owners,
    quota: Quota | None,
    *,
    path_prefix: str | None,
    at: datetime,
    expiry_days: int,
) -> None:
    """
    Draw one line for each certificate.

    Args:
        listed: The certificates.
        owners: What is known of their owners.
        quota: How many the account has and may have; None if that is not known.
        path_prefix: What was asked for, to say that there are none.
        at: The instant that days are counted from.
        expiry_days: What ends within so many days is marked.
    """
    console = Terminal()
    if not listed:
        where = f" whose path begins with '{path_prefix}'" if path_prefix else ""
        console.say(plain(f"There are no server certificates{where} in this account."))
    else:
        rows = [[Text(title, "bold") for title in _HEADER]]
        rows += [_row(item, owners, at=at, expiry_days=expiry_days) for item in listed]
        _draw_table(console, rows)
        console.say()
        console.say(plain(_count(len(listed), path_prefix)))
    if quota is not None:
        console.say(plain(f"The account holds {quota.used:,} of at most {quota.limit:,}."))


def _row(item: Listed, owners: Owners, *, at: datetime, expiry_days: int) -> list[Text]:
    if item.certificate_id in owners.known:
        owner = owners.known[item.certificate_id]
        owned = plain(str(owner)) if owner else Text("-", "dim")
    else:
        owned = Text("unknown", "yellow")
    return [
        plain(item.name, "bold"),
        plain(item.path),
        plain(item.certificate_id),
        _date(item.expiration),
        _days(item, at, expiry_days),
        _date(item.upload_date),
        owned,
    ]


def _date(instant: datetime | None) -> Text:
    return Text("unknown", "dim") if instant is None else Text(f"{instant:%Y-%m-%d}")


def _days(item: Listed, at: datetime, expiry_days: int) -> Text:
    days = item.days_left(at)
    if days is None:
        return Text("unknown", "dim")
    if days < 0:
        return Text(f"{days:,} expired", "red")
    # Not by colour alone.
    return Text(f"{days:,} soon", "yellow") if days < expiry_days else Text(f"{days:,}", "green")


def _count(number: int, path_prefix: str | None) -> str:
    where = f" with a path that begins with '{path_prefix}'" if path_prefix else ""
    return f"{number:,} server {'certificate' if number == 1 else 'certificates'}{where}."


def _draw_table(console: Terminal, rows: Sequence[Sequence[Text]]) -> None:
    widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        line = Text()
        for cell, width in zip(row, widths, strict=True):
            line.append_text(cell).append(" " * (width - cell.cell_len + 2))
        line.rstrip()
        console.say(line)

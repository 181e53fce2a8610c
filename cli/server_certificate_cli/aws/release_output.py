"""Print what ``server-certificate release`` takes off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate_cli.aws.owner import own_tags
from server_certificate_cli.aws.table import draw_facts
from server_certificate_cli.output.terminal import Terminal, plain

if TYPE_CHECKING:
    from server_certificate_cli.aws.certificates import CertificateDetails
    from server_certificate_cli.aws.ownership import Ownership


def draw_release(details: CertificateDetails, ownership: Ownership) -> None:
    """Print a certificate, its state, and the ownership tags that it has."""
    console = Terminal()
    console.write_line(plain(details.listed.name, "bold"))
    keys = own_tags(details.tags)
    if not keys:
        console.write_line("  It has no ownership tags, so there is nothing to release.")
        return
    draw_facts(
        console,
        [
            ("id", plain(details.listed.certificate_id)),
            ("domains", plain(", ".join(details.domains) or "-")),
            ("state", plain(f"{ownership.text}: {ownership.reason}")),
            *(("remove tag", plain(f"{key} = {details.tags[key]}")) for key in keys),
        ],
    )
    console.write_line()

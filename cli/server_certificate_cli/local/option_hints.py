"""
The options by which the fixes of findings are followed on the command line.

Findings are the same for the construct, the function and the command, so they speak of "the bundle" and
"the passphrase". Here the command adds what its options for them are called.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server_certificate.findings import Finding

_PASSPHRASE = ("--passphrase-file", "--passphrase-env")

OPTIONS: dict[str, tuple[str, ...]] = {
    "passphrase-missing": _PASSPHRASE,
    "passphrase-wrong": _PASSPHRASE,
    "no-private-key": ("--private-key",),
    "private-key-among-certificates": ("--private-key", "--bundle"),
    "chain-missing": ("--chain",),
    "chain-gap": ("--chain",),
    "certificate-is-issuer": ("--certificate", "--chain"),
}
"""Options by the code of the finding whose fix they belong to."""

_AS_THE_BUNDLE = "as the bundle"


def with_options(finding: Finding) -> Finding:
    """Return a finding whose fix names the options that it needs, on a line of its own."""
    options = OPTIONS.get(finding.code, ())
    if _AS_THE_BUNDLE in finding.fix and "--bundle" not in options:
        options = (*options, "--bundle")
    if not options or not finding.fix:
        return finding
    word = "Option" if len(options) == 1 else "Options"
    return replace(finding, fix=f"{finding.fix}\n{word}: {', '.join(options)}")

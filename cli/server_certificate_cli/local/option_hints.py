"""
Add the names of command-line options to the fixes of findings.

The construct, the function and the command share the findings, whose texts say "the bundle" and "the
passphrase". This module adds the options for them.
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
"""The options for the fix of a finding, by its code."""

_AS_THE_BUNDLE = "as the bundle"


def with_options(finding: Finding) -> Finding:
    """Return a finding whose fix names the required options on a separate line."""
    options = OPTIONS.get(finding.code, ())
    if _AS_THE_BUNDLE in finding.fix and "--bundle" not in options:
        options = (*options, "--bundle")
    if not options or not finding.fix:
        return finding
    word = "Option" if len(options) == 1 else "Options"
    return replace(finding, fix=f"{finding.fix}\n{word}: {', '.join(options)}")

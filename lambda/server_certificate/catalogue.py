"""All rules, by code: for acknowledgements and for the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server_certificate.findings import Rule

RULES: dict[str, Rule] = {}
"""Every rule by its code, in the order of the documentation."""

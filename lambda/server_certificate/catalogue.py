"""All rules, by code: for acknowledgements and for the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate import (
    conversion,
    form_rules,
    issuer_rules,
    key_rules,
    leaf_rules,
    naming,
    sizes,
    tags,
    validity,
)

if TYPE_CHECKING:
    from server_certificate.findings import Rule

RULES: dict[str, Rule] = {
    rule.code: rule
    for module in (
        form_rules,
        sizes,
        validity,
        key_rules,
        conversion,
        issuer_rules,
        leaf_rules,
        naming,
        tags,
    )
    for rule in module.RULES
}
"""Every rule by its code, in the order of the documentation."""

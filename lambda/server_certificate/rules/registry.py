"""All rules by code, for acknowledgements and for the documentation."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from server_certificate import naming
from server_certificate.chain import conversion
from server_certificate.reading import certificate_rules, key_rules, padding, sizes
from server_certificate.reading import rules as reading_rules
from server_certificate.rules import (
    acm,
    consumers,
    critical,
    encoding,
    extensions,
    host_names,
    issuers,
    keys,
    leaf,
    name_constraints,
    purposes,
    renewal,
    served_host,
    signatures,
    tags,
    usage,
    validity,
)
from server_certificate.secrecy import quoted

if TYPE_CHECKING:
    from server_certificate.findings import Rule

RULES: dict[str, Rule] = {
    rule.code: rule
    for module in (
        reading_rules,
        certificate_rules,
        padding,
        key_rules,
        sizes,
        validity,
        keys,
        conversion,
        issuers,
        purposes,
        name_constraints,
        critical,
        signatures,
        leaf,
        host_names,
        served_host,
        extensions,
        encoding,
        consumers,
        usage,
        renewal,
        acm,
        naming,
        tags,
    )
    for rule in module.RULES
}
"""Every rule by its code, in the order of the documentation."""


def refusal(code: str) -> str | None:
    """
    Explain why a code can't be acknowledged.

    Returns:
        A sentence; None if it can be acknowledged.
    """
    rule = RULES.get(code)
    if rule is None:
        alike = difflib.get_close_matches(code, RULES, n=1)
        hint = f"did you mean {alike[0]!r}?" if alike else "see the documentation."
        return f"there is no finding {quoted(code)}; {hint}"
    if rule.acknowledged is None:
        return f"{code!r} can't be acknowledged, because its cause has to be fixed."
    return None

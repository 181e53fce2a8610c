"""Which host names a certificate is valid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def covers(pattern: str, name: str) -> bool:
    """
    Return whether a DNS name of a certificate covers a host name.

    Names are equal regardless of case. A wildcard covers exactly one label, the first. A wildcard
    also covers itself, as a domain name of a CloudFront distribution.

    Args:
        pattern: A DNS name of the certificate. Its first label can be ``*``.
        name: The host name, which can also begin with ``*.``.

    Source of the rule: RFC 9525, 6.3; CloudFront developer guide, Requirements for using alternate
    domain names.
    """
    pattern, name = pattern.lower(), name.lower()
    if pattern == name:
        return True
    first, _, domain = name.partition(".")
    return bool(first and domain) and pattern == f"*.{domain}"


def not_covered(names: Iterable[str], patterns: Iterable[str]) -> tuple[str, ...]:
    """Return the host names that none of a certificate's DNS names covers, in their order."""
    known = tuple(patterns)
    return tuple(name for name in names if not any(covers(each, name) for each in known))

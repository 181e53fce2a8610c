"""The rule about name constraints, which limit the names that a CA may issue certificates for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

from server_certificate.certificates.subject_names import name_of
from server_certificate.findings import Rule, Severity
from server_certificate.rules.constrained_names import Names, Subtrees

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.findings import Finding

NAME_CONSTRAINTS_VIOLATED = Rule(
    code="name-constraints-violated",
    severity=Severity.ERROR,
    why="A CA can be restricted to certain names (permitted subtrees), or barred from others"
    " (excluded subtrees): DNS names, IP addresses, email addresses, URIs and directory names."
    " Every client rejects a certificate below it with a name that isn't allowed. IAM has not been"
    " observed to check this. The common name counts as a DNS name if there is no subject"
    " alternative name.",
    fix="Request a certificate from a CA that may issue certificates for these names.",
    source="RFC 5280, 4.2.1.10 and 6.1.3 (b) and (c); RFC 6125, 6.4.4; OpenSSL,"
    " `NAME_CONSTRAINTS_check`",
    acknowledged="The chain is uploaded unchanged, and clients that verify chains reject it.",
)
RULES = (NAME_CONSTRAINTS_VIOLATED,)

MAX_COMPARISONS = 250_000
"""
The limit for parts of names times constraints. Go gives up at 250,000, OpenSSL and Chrome at
1,048,576.

See ``VerifyOptions.MaxConstraintComparisions`` and ``NAME_CHECK_MAX``.
"""

_NAMED = 3
"""The maximum number of names listed in a message."""


def check_name_constraints(
    leaf: LocatedCertificate, chain: Sequence[LocatedCertificate]
) -> Iterator[Finding]:
    """
    Check the names of a leaf and its chain against the constraints of the CAs above.

    Args:
        leaf: The certificate at the start of the chain.
        chain: The chain in order, issuer of the leaf first.
    """
    comparisons = 0
    names: dict[int, Names] = {}
    path = (leaf, *chain)
    for height, authority in enumerate(path):
        constraints = authority.certificate.extensions.value(x509.NameConstraints)
        if constraints is None or height == 0:
            continue
        subtrees = Subtrees(constraints)
        for depth, element in enumerate(path[:height]):
            certificate = element.certificate
            if depth and certificate.is_self_issued:
                continue
            if depth not in names:
                names[depth] = Names(certificate, is_leaf=depth == 0)
            comparisons += names[depth].parts * len(subtrees)
            if comparisons > MAX_COMPARISONS:
                yield NAME_CONSTRAINTS_VIOLATED.finding(
                    authority.subject,
                    f"comparing the name constraints of {name_of(authority.certificate)} with the"
                    f" names below it takes more than {MAX_COMPARISONS:,} comparisons; clients give"
                    " up.",
                )
                return
            yield from _violations(element, names[depth], authority, subtrees)


def _violations(
    element: LocatedCertificate, names: Names, authority: LocatedCertificate, subtrees: Subtrees
) -> Iterator[Finding]:
    refused = [name for name in names if not subtrees.allow(name)]
    if not refused:
        return
    listed = ", ".join(str(name) for name in refused[:_NAMED])
    more = f" and {len(refused) - _NAMED:,} more" if len(refused) > _NAMED else ""
    yield NAME_CONSTRAINTS_VIOLATED.finding(
        element.subject,
        f"{name_of(authority.certificate)} ({authority.subject}) may not issue certificates for"
        f" {listed}{more}, which {name_of(element.certificate)} contains; clients reject the"
        " chain.",
    )

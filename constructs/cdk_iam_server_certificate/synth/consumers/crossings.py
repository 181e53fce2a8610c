"""What a renewal means for a consumer in another stack, and the finding about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cdk_iam_server_certificate.synth.consumers.references import REF
from server_certificate.contract.properties import Attribute
from server_certificate.rules.renewal import RENEWAL_LEAVES_STACK, RENEWAL_NOT_SERVED
from server_certificate.rules.usage import LISTENER_NOT_UPDATED, USED_IN_ANOTHER_STACK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from server_certificate.findings import Finding

_WORD: Final = re.compile("(?<!^)(?=[A-Z])")
_OWN: Final = "ServerCertificate"

_IDENTIFIERS: Final = frozenset({REF, Attribute.ARN.value, Attribute.SERVER_CERTIFICATE_NAME.value})
"""The attributes by which consumers use a certificate."""

_KEPT_WITH_A_NAME: Final = frozenset({Attribute.ARN.value, Attribute.SERVER_CERTIFICATE_NAME.value})
"""The attributes that a renewal doesn't change if the name is declared."""

_MOST_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """An attribute that leaves the stack of its certificate."""

    attribute: str
    """As in the template: ``Ref`` or the name for ``Fn::GetAtt``."""

    export: str | None
    """The name of the export or of the parameter; None for a weak reference."""

    consumers: tuple[str, ...]
    """The construct paths of the consumers, as far as they are known."""


def check_crossings(
    crossings: Iterable[Crossing], *, is_named: bool, renews: bool = False
) -> list[Finding]:
    """
    Report the attributes that other stacks use.

    Args:
        crossings: The attributes that leave the certificate's stack.
        is_named: Whether the name is declared, so that a renewal keeps the ARN.
        renews: Whether the certificate renews automatically.
    """
    rule = RENEWAL_LEAVES_STACK if renews else USED_IN_ANOTHER_STACK
    groups: dict[tuple[str, bool], list[Crossing]] = {}
    for crossing in crossings:
        groups.setdefault((crossing.attribute, crossing.export is not None), []).append(crossing)
    exported = {attribute for attribute, is_strong in groups if is_strong}
    return [
        rule.finding(
            "certificate",
            f"{_users(group)} {_property_of(attribute)}{_by_export(group)}."
            f" {_effect(attribute, is_strong=is_strong, is_kept=is_named and attribute in _KEPT_WITH_A_NAME)}",
        )
        for (attribute, is_strong), group in groups.items()
        # A transitional reference is strong and weak; a weak one to a date does no harm.
        if is_strong or (attribute in _IDENTIFIERS and attribute not in exported)
    ]


def check_listeners(consumers: Sequence[str], *, renews: bool = False) -> list[Finding]:
    """
    Report the load balancers of the stack that use a certificate with a declared name.

    Args:
        consumers: The paths of the load balancers.
        renews: Whether the certificate renews automatically.
    """
    if not consumers:
        return []
    message = (
        f"{_listed(consumers)} {'use' if len(consumers) > 1 else 'uses'} the ARN of a certificate"
        " with a server_certificate_name. A renewal keeps that ARN, so CloudFormation doesn't update"
        " the load balancer, which can keep serving the old certificate until it expires."
    )
    rule = RENEWAL_NOT_SERVED if renews else LISTENER_NOT_UPDATED
    return [rule.finding("name", message)]


def _users(group: Sequence[Crossing]) -> str:
    consumers = tuple(dict.fromkeys(path for each in group for path in each.consumers))
    if not consumers:
        return "its stack exports the"
    verb = "use" if len(consumers) > 1 else "uses"
    return f"{_listed(consumers)} in another stack {verb} the"


def _property_of(attribute: str) -> str:
    """Return the construct's property that returns an attribute of the resource."""
    words = "id" if attribute == REF else _WORD.sub("_", attribute.removeprefix(_OWN)).lower()
    return f"server_certificate_{words}"


def _by_export(group: Sequence[Crossing]) -> str:
    names = sorted({each.export for each in group if each.export is not None})
    return f", by the export {_listed(names)}" if names else ""


def _effect(attribute: str, *, is_strong: bool, is_kept: bool) -> str:
    unnoticed = (
        "A renewal keeps it, so CloudFormation doesn't update the load balancer, which can keep"
        " serving the old certificate until it expires."
    )
    if is_strong and is_kept:
        return f"A new name or path fails while another stack imports it. {unnoticed}"
    if is_kept:
        return unnoticed
    if not is_strong:
        return (
            "A renewal doesn't update that stack: it keeps the old certificate, whose deletion fails"
            " although the deployment succeeds."
        )
    change = "A new path" if attribute == Attribute.PATH.value else "A renewal"
    return f"{change} fails while another stack imports it."


def _listed(names: Sequence[str]) -> str:
    quoted = [f"'{name}'" for name in names[:_MOST_SHOWN]]
    if (more := len(names) - _MOST_SHOWN) > 0:
        return f"{', '.join(quoted)} and {more} more"
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"

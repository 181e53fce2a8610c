"""Convert certificates as they were given to leaf and chain as IAM takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.chain import Signatures, order
from server_certificate.findings import Finding
from server_certificate.material import PublicMaterial
from server_certificate.subject_names import issuer_of, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cryptography import x509

    from server_certificate.elements import Element


@dataclass(frozen=True, slots=True)
class Conversion:
    """What was given, sorted out."""

    leaf: Element
    """The server's own certificate."""

    chain: tuple[Element, ...]
    """What certifies it, in order."""

    unrelated: tuple[Element, ...]
    """What certifies nothing in the chain."""

    @property
    def last(self) -> x509.Certificate:
        """Where the chain ends: at the leaf if nothing certifies it."""
        return (self.leaf, *self.chain)[-1].certificate

    @property
    def material(self) -> PublicMaterial:
        """Leaf and chain without the places where they stood."""
        return PublicMaterial(
            self.leaf.certificate, tuple(element.certificate for element in self.chain)
        )


def convert(
    body: Sequence[Element], chain: Sequence[Element], *, complete: bool
) -> tuple[Conversion, tuple[Finding, ...]]:
    """
    Sort out leaf and chain, without loss.

    Args:
        body: The certificates of the text with the leaf, at least one.
        chain: The certificates of the text with the chain.
        complete: Whether these are all that were given. If not, what is missing explains itself.
    """
    signatures = Signatures()
    given = {element.certificate: element for element in reversed((*body, *chain))}
    leaf = given[_leaf(body, tuple(given), signatures)]
    others = [
        element
        for element in (*body, *chain)
        if given[element.certificate] is element and element is not leaf
    ]
    ordered = order(leaf.certificate, [element.certificate for element in others], signatures)
    conversion = Conversion(
        leaf,
        tuple(given[certificate] for certificate in ordered.chain),
        tuple(given[certificate] for certificate in ordered.unrelated),
    )
    findings = [
        *_holds_chain(body, leaf),
        *_repeats((*body, *chain), given),
        *_order(others, conversion),
    ]
    if complete:
        findings += _incomplete(conversion, signatures)
    return conversion, tuple(findings)


def _leaf(
    body: Sequence[Element], given: Sequence[x509.Certificate], signatures: Signatures
) -> x509.Certificate:
    """Return the only certificate of the body that certifies no other; else the first, as IAM."""
    ends = {
        element.certificate
        for element in body
        if not any(
            certificate != element.certificate
            and signatures.certifies(element.certificate, certificate)
            for certificate in given
        )
    }
    return ends.pop() if len(ends) == 1 and len(body) > 1 else body[0].certificate


def _holds_chain(body: Sequence[Element], leaf: Element) -> Iterator[Finding]:
    if len(body) > 1:
        where = "" if leaf is body[0] else f", and the leaf, {name_of(leaf.certificate)}, not first"
        yield Finding.fixable(
            "certificate-holds-chain",
            "certificate",
            f"it holds {len(body)} certificates{where}; IAM wants the leaf alone here.",
            "The others are moved to the chain.",
        )


def _repeats(
    elements: Sequence[Element], given: dict[x509.Certificate, Element]
) -> Iterator[Finding]:
    for element in elements:
        first = given[element.certificate]
        if first is not element:
            yield Finding.fixable(
                "chain-repeats",
                element.subject,
                f"{name_of(element.certificate)} stands there again, after {first.subject}.",
                "The repetition is left out.",
            )


def _order(others: Sequence[Element], conversion: Conversion) -> Iterator[Finding]:
    if [element for element in others if element in conversion.chain] != list(conversion.chain):
        names = ", ".join(name_of(element.certificate) for element in conversion.chain)
        yield Finding.fixable(
            "chain-order",
            "chain",
            f"its certificates are not in order; IAM wants the issuer of the leaf first: {names}.",
            "They are put in order.",
        )


def _incomplete(conversion: Conversion, signatures: Signatures) -> Iterator[Finding]:
    leaf = conversion.leaf.certificate
    if not conversion.chain and not conversion.unrelated and not signatures.is_self_signed(leaf):
        yield Finding.error(
            "chain-missing",
            "chain",
            f"there is none that certifies {name_of(leaf)}; only a self-signed certificate may come"
            " without one.",
            f"Add the certificate of its issuer, {issuer_of(leaf)}, and those above it.",
        )
    above: list[Element] = []
    for element in conversion.unrelated:
        if finding := _superfluous(element, conversion, signatures):
            yield finding
        else:
            above.append(element)
    if above:
        yield from _gap(above, conversion.last)


def _superfluous(
    element: Element, conversion: Conversion, signatures: Signatures
) -> Finding | None:
    """Say why an element has no place in the chain, whatever may be missing."""
    name = name_of(element.certificate)
    path = (conversion.leaf, *conversion.chain)
    leaf = conversion.leaf
    if signatures.certifies(leaf.certificate, element.certificate):
        return Finding.error(
            "certificate-is-issuer",
            leaf.subject,
            f"{name_of(leaf.certificate)} issued {name} ({element.subject}), so it is not the leaf.",
            "If certificate and chain are interchanged, change them back.",
        )
    for below, chosen in zip(path, conversion.chain, strict=False):
        if signatures.certifies(element.certificate, below.certificate):
            return Finding.error(
                "chain-forks",
                element.subject,
                f"{name} certifies {name_of(below.certificate)} just as {chosen.subject} does, and a"
                " chain has one path only.",
                f"Remove either {element.subject} or {chosen.subject}.",
            )
    if signatures.is_self_signed(conversion.last):
        why = (
            f", which is complete without it: it ends at the self-signed {name_of(conversion.last)}"
        )
    elif any(signatures.certifies(one.certificate, element.certificate) for one in path):
        why = f"; it was issued by {issuer_of(element.certificate)} itself"
    else:
        return None
    message = f"{name} certifies nothing in the chain{why}."
    return Finding.error("chain-unrelated", element.subject, message, "Remove it.")


def _gap(above: Sequence[Element], last: x509.Certificate) -> Iterator[Finding]:
    namesakes = [element for element in above if element.certificate.subject == last.issuer]
    for element in namesakes:
        yield Finding.error(
            "chain-signature",
            element.subject,
            f"{name_of(element.certificate)} has the name of the issuer of {name_of(last)}, but"
            " another key signed that.",
            "Get the certificate of the issuer from the certificate authority anew.",
        )
    if not namesakes:
        names = ", ".join(f"{name_of(one.certificate)} ({one.subject})" for one in above)
        yield Finding.error(
            "chain-gap",
            "chain",
            f"it ends at {name_of(last)}: the certificate of its issuer, {issuer_of(last)}, is not"
            f" there, and nothing leads to {names}.",
            f"Add the certificate of {issuer_of(last)}, or remove what does not belong there.",
        )

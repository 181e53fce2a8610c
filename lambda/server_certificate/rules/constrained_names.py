"""Names of certificates, and the subtrees of names that a CA may issue certificates for."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from server_certificate.certificates.subject_names import quoted, quoted_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from server_certificate.certificates.certificate import Certificate

_MAX_DNS_CHARACTERS = 255
"""The maximum length of a DNS name (RFC 1035, section 2.3.4)."""

Directory = tuple[frozenset[tuple[str, str]], ...]
"""A directory name for comparison: its parts, with case and white space normalized."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Kind = type[x509.GeneralName] | x509.ObjectIdentifier


@dataclass(frozen=True, slots=True)
class ConstrainedName:
    """A name in a certificate that constraints apply to."""

    kind: _Kind
    """The kind of constraints that apply to the name."""

    value: str | Address | Directory
    """
    The name in the form used for comparison; empty if it can't be compared.

    A name that can't be compared must be rejected if there are any constraints of its kind (RFC
    5280, section 4.2.1.10). These are URIs without a domain name as the host, and kinds that no
    client compares.
    """

    written: str | x509.Name
    """The name as it is in the certificate."""

    @property
    def parts(self) -> int:
        """The number of its parts: the cost of comparing it."""
        if isinstance(self.value, str):
            return self.value.count(".") + 1
        return len(self.value) + 1 if isinstance(self.value, tuple) else 1

    def __str__(self) -> str:
        """Return the name, quoted."""
        return quoted(self.written) if isinstance(self.written, str) else quoted_name(self.written)


class Names:
    """
    The names of a certificate that constraints apply to (RFC 5280, section 4.2.1.10).

    Args:
        certificate: The certificate.
        is_leaf: Whether it is the leaf. Its common name counts as a DNS name if it has no subject
            alternative name.
    """

    def __init__(self, certificate: Certificate, *, is_leaf: bool) -> None:
        alternatives = certificate.extensions.value(x509.SubjectAlternativeName)
        self._names = [
            name for general in alternatives or () if (name := _constrained(general)) is not None
        ]
        subject = certificate.subject
        if subject.rdns:
            self._names.append(ConstrainedName(x509.DirectoryName, directory_of(subject), subject))
        for attribute in subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS):
            self._names.append(_text(x509.RFC822Name, str(attribute.value)))
        if is_leaf and alternatives is None:
            for attribute in subject.get_attributes_for_oid(NameOID.COMMON_NAME):
                if _is_host(str(attribute.value)):
                    self._names.append(_text(x509.DNSName, str(attribute.value)))
        self.parts = sum(name.parts for name in self._names)
        """The number of parts of all names: the cost of comparing them."""

    def __iter__(self) -> Iterator[ConstrainedName]:
        """Return the names one by one."""
        return iter(self._names)


class Subtrees:
    """
    The names that a CA may issue certificates for.

    A name must be in a permitted subtree of its kind, if there are any, and in no excluded one.

    Args:
        constraints: The name constraints of the CA.
    """

    def __init__(self, constraints: x509.NameConstraints) -> None:
        permitted = constraints.permitted_subtrees or ()
        excluded = constraints.excluded_subtrees or ()
        self._permitted, self._excluded = _by_kind(permitted), _by_kind(excluded)
        self._count = len(permitted) + len(excluded)

    def __len__(self) -> int:
        """Return the number of subtrees."""
        return self._count

    def allow(self, name: ConstrainedName) -> bool:
        """Return whether the CA may issue certificates for a name."""
        permitted = self._permitted.get(name.kind)
        excluded = self._excluded.get(name.kind)
        if name.value == "" and (permitted or excluded):
            return False
        if permitted is not None and not permitted.hold(name):
            return False
        return excluded is None or not (excluded.hold(name) or excluded.may_hold(name))


class _Bases:
    """The bases of the subtrees of one kind."""

    def __init__(self) -> None:
        self._values: set[object] = set()
        self._lengths: set[int] = set()
        """Of directory names."""
        self._masks: set[tuple[int, int]] = set()
        """Of networks, with the version of IP."""

    def add(self, base: x509.GeneralName) -> None:
        value: object = base.value
        if isinstance(base, x509.DirectoryName):
            directory = directory_of(base.value)
            self._lengths.add(len(directory))
            value = directory
        elif isinstance(value, Network):
            mask = int(value.netmask)
            self._masks.add((value.version, mask))
            value = (value.version, mask, int(value.network_address))
        elif isinstance(value, str):
            value = _mailbox(value) if isinstance(base, x509.RFC822Name) else value.lower()
        self._values.add(value)

    def hold(self, name: ConstrainedName) -> bool:
        """Return whether a name is in one of the subtrees."""
        return any(base in self._values for base in self._bases_of(name))

    def may_hold(self, name: ConstrainedName) -> bool:
        """Return whether a wildcard covers a name in one of the subtrees, as Chrome and Go do."""
        if name.kind is not x509.DNSName or not isinstance(name.value, str):
            return False
        wildcard, _, domain = name.value.partition(".")
        return wildcard == "*" and any(
            isinstance(base, str) and base.lstrip(".").partition(".")[2] == domain
            for base in self._values
        )

    def _bases_of(self, name: ConstrainedName) -> Iterator[object]:
        """Yield the base of every subtree that could contain the name."""
        value = name.value
        if isinstance(value, tuple):
            yield from (value[:length] for length in self._lengths if length <= len(value))
        elif not isinstance(value, str):
            number = int(value)
            for version, mask in self._masks:
                if version == value.version:
                    yield version, mask, number & mask
        elif name.kind is x509.RFC822Name:
            yield value
            yield from _domains(value.rpartition("@")[2])
        elif name.kind is x509.UniformResourceIdentifier:
            yield from _domains(value)
        else:
            yield ""
            for domain in _domains(value):
                yield domain
                yield domain.removeprefix(".")


def directory_of(name: x509.Name) -> Directory:
    """Return a directory name in the form used for comparison (RFC 5280, section 7.1)."""
    return tuple(
        frozenset(
            (attribute.oid.dotted_string, " ".join(str(attribute.value).casefold().split()))
            for attribute in part
        )
        for part in name.rdns
    )


def _by_kind(subtrees: Iterable[x509.GeneralName]) -> dict[_Kind, _Bases]:
    found: dict[_Kind, _Bases] = {}
    for base in subtrees:
        found.setdefault(_kind_of(base), _Bases()).add(base)
    return found


def _domains(host: str) -> Iterator[str]:
    """Yield a host, and its parent domains with a leading dot."""
    yield host
    rest = host[-_MAX_DNS_CHARACTERS - 1 :]
    while "." in rest:
        rest = rest.partition(".")[2]
        yield f".{rest}"


def _constrained(general: x509.GeneralName) -> ConstrainedName | None:
    if isinstance(general, x509.DNSName | x509.RFC822Name):
        return _text(type(general), general.value)
    if isinstance(general, x509.UniformResourceIdentifier):
        return ConstrainedName(type(general), _host(general.value), general.value)
    if isinstance(general, x509.IPAddress) and isinstance(general.value, Address):
        return ConstrainedName(type(general), general.value, str(general.value))
    if isinstance(general, x509.DirectoryName):
        return ConstrainedName(type(general), directory_of(general.value), general.value)
    if isinstance(general, x509.OtherName | x509.RegisteredID):
        kind = general.type_id if isinstance(general, x509.OtherName) else general.value
        return ConstrainedName(_kind_of(general), "", kind.dotted_string)
    return None


def _kind_of(general: x509.GeneralName) -> _Kind:
    """Return the kind of a name. Each type of otherName is a kind of its own."""
    return general.type_id if isinstance(general, x509.OtherName) else type(general)


def _text(kind: type[x509.GeneralName], text: str) -> ConstrainedName:
    if kind is x509.RFC822Name:
        return ConstrainedName(kind, _mailbox(text) if "@" in text else "", text)
    return ConstrainedName(kind, text.lower(), text)


def _mailbox(text: str) -> str:
    """Return an email address or domain for comparison: case matters only before the at sign."""
    local, sign, host = text.rpartition("@")
    return f"{local}{sign}{host.lower()}"


def _host(uri: str) -> str:
    """Return the domain name in a URI; empty if it has none, or an IP address instead."""
    try:
        host = urlsplit(uri).hostname or ""
    except ValueError:
        return ""
    is_address = ":" in host or host.replace(".", "").isdigit()
    return "" if is_address else host


def _is_host(text: str) -> bool:
    labels = text.split(".")
    return (
        len(labels) > 1
        and len(text) <= _MAX_DNS_CHARACTERS
        and all(
            label and all(c.isascii() and (c.isalnum() or c in "-_*") for c in label)
            for label in labels
        )
    )

"""Look into a file of a folder, to choose and to describe it. Nothing is decrypted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate.inputs import Input
from server_certificate.reading.files import FileUnreadableError, read_file
from server_certificate.reading.reader import read

if TYPE_CHECKING:
    from server_certificate.certificates.certificate import Certificate
    from server_certificate.material import PrivateKey

MAX_BYTES = 256 * 1024
"""Larger files are no certificate with its chain, and are only named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peek:
    """What was seen in a file."""

    certificates: tuple[Certificate, ...] = ()
    private_keys: tuple[PrivateKey, ...] = field(default=(), repr=False)
    is_encrypted: bool = False
    """Whether something in it wants a passphrase, which may be a private key."""

    others: tuple[str, ...] = ()
    """What else it holds, as noun phrases; or what it is, if it can't be read."""

    @property
    def is_public(self) -> bool:
        """Whether it may be read as certificates: no key is in it, nor what may be one."""
        return not self.private_keys and not self.is_encrypted

    def belongs_to(self, leaf: Certificate) -> bool:
        """Whether the private key of a certificate is in it."""
        return any(key.public_key_der == leaf.public_key_der for key in self.private_keys)


def peek(path: str) -> Peek:
    """Look into a file; what can't be read holds nothing."""
    try:
        content = read_file(path, limit=MAX_BYTES)
    except FileUnreadableError as err:
        return Peek(others=(_unreadable(err.problem),))
    contents = read(Input(content), subject="file")
    return Peek(
        certificates=tuple(element.certificate for element in contents.certificates),
        private_keys=contents.private_keys,
        is_encrypted=contents.asks_for_passphrase,
        others=contents.others,
    )


def _unreadable(problem: str) -> str:
    if "does not exist" in problem:
        return "a link to nothing"
    return problem.removeprefix("it is ").removeprefix("it ").removesuffix(".")

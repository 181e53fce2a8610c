"""Find out what a file contains, without decrypting it."""

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
"""The maximum size of files to read, in bytes. A certificate with its chain is smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The content of a file."""

    certificates: tuple[Certificate, ...] = ()
    private_keys: tuple[PrivateKey, ...] = field(default=(), repr=False)
    is_encrypted: bool = False
    """Whether something in it requires a passphrase, possibly a private key."""

    others: tuple[str, ...] = ()
    """The other content, as noun phrases; or a description of a file that can't be read."""

    @property
    def is_public(self) -> bool:
        """Whether it contains no private key, and nothing that could be one."""
        return not self.private_keys and not self.is_encrypted

    def belongs_to(self, leaf: Certificate) -> bool:
        """Return whether it contains the private key of a certificate."""
        return any(key.public_key_der == leaf.public_key_der for key in self.private_keys)


def probe(path: str) -> Probe:
    """Find out what a file contains. For a file that can't be read, only ``others`` is set."""
    try:
        content = read_file(path, limit=MAX_BYTES)
    except FileUnreadableError as err:
        return Probe(others=(_unreadable(err.problem),))
    contents = read(Input(content), subject="file")
    return Probe(
        certificates=tuple(element.certificate for element in contents.certificates),
        private_keys=contents.private_keys,
        is_encrypted=contents.asks_for_passphrase,
        others=contents.others,
    )


def _unreadable(problem: str) -> str:
    if "does not exist" in problem:
        return "a broken link"
    return problem.removeprefix("it is ").removeprefix("it ").removesuffix(".")

"""
The steps of an event: observe something, change something in IAM, or wait.

See ``undo`` for how changes are undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from server_certificate_handler.kernel.stored import StoredCertificate


@dataclass(frozen=True, slots=True)
class Look:
    """Look up the certificate with a name."""

    name: str


@dataclass(frozen=True, slots=True)
class ListNames:
    """List the names of all certificates of the account."""


@dataclass(frozen=True, slots=True)
class ReadStack:
    """Read the state of the stack and its resources."""


@dataclass(frozen=True, slots=True)
class ReadMaterial:
    """Read and check the material that the properties specify."""

    with_key: bool
    """Whether an upload is certain, so that the private key is read and checked, too."""


Observation = Look | ListNames | ReadStack | ReadMaterial


@dataclass(frozen=True, slots=True)
class Upload:
    """Upload the content that the properties specify."""

    name: str
    path: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Move:
    """Change the name or the path of a certificate."""

    stored: StoredCertificate
    name: str
    path: str

    is_optional: bool = False
    """Whether the event continues if this step fails."""

    @property
    def moved(self) -> StoredCertificate:
        """The certificate afterwards."""
        return self.stored.moved(self.name, self.path)


@dataclass(frozen=True, slots=True)
class Retag:
    """Change the tags of a certificate."""

    stored: StoredCertificate
    put: Mapping[str, str]
    remove: Collection[str] = frozenset()

    is_optional: bool = False
    """Whether the event continues if this step fails."""

    @property
    def changes(self) -> bool:
        """Whether it changes anything."""
        return bool(self.put or self.remove)

    @property
    def retagged(self) -> StoredCertificate:
        """The certificate afterwards."""
        return self.stored.retagged(self.put, self.remove)


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a certificate. A missing one counts as deleted."""

    stored: StoredCertificate

    is_optional: bool = False
    """Whether the event continues if this step fails. If not, the step waits for consumers."""


Act = Upload | Move | Retag | Delete


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait until changes in IAM or CloudFormation are visible."""

    seconds: float


Step = Observation | Act | Pause


@dataclass(frozen=True, slots=True)
class Done:
    """There is nothing left to do."""

    stored: StoredCertificate | None = None
    """The certificate of the resource from now on; None after a Delete."""

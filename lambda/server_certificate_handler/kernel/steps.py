"""
What can be done next: find something out, change something in IAM, or wait.

How a change is undone is in ``undo``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from server_certificate_handler.kernel.stored import StoredCertificate


@dataclass(frozen=True, slots=True)
class Look:
    """Find out who has a name."""

    name: str


@dataclass(frozen=True, slots=True)
class ListNames:
    """Find out the names of all certificates of the account."""


@dataclass(frozen=True, slots=True)
class ReadStack:
    """Read what CloudFormation is doing, and what its books say of the stack's resources."""


@dataclass(frozen=True, slots=True)
class ReadMaterial:
    """Read and check the material that the properties name."""

    with_key: bool
    """Whether an upload is certain, so that the private key is read and checked at once."""


Observation = Look | ListNames | ReadStack | ReadMaterial


@dataclass(frozen=True, slots=True)
class Upload:
    """Upload the content that the properties name."""

    name: str
    path: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Move:
    """Rename or re-path a certificate."""

    stored: StoredCertificate
    name: str
    path: str

    is_optional: bool = False
    """Whether the event goes on without it when it fails."""

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
    """Whether the event goes on without it when it fails."""

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
    """Delete a certificate. What is gone already counts as deleted."""

    stored: StoredCertificate

    is_optional: bool = False
    """Whether the event goes on without it when it fails. If not, consumers are waited for."""


Act = Upload | Move | Retag | Delete


@dataclass(frozen=True, slots=True)
class Pause:
    """Give IAM or CloudFormation the time to show everywhere what has changed."""

    seconds: float


Step = Observation | Act | Pause


@dataclass(frozen=True, slots=True)
class Done:
    """There is nothing left to do."""

    stored: StoredCertificate | None = None
    """The certificate that the resource holds from now on; None after a Delete."""

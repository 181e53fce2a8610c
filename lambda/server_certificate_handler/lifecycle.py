"""
What to do about an event: pure decisions from what is wanted and what IAM holds.

Nothing here calls AWS, so every rule of the life cycle can be listed in a table of tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.fingerprint import content_fingerprint
from server_certificate.naming import content_name
from server_certificate.tags import LOGICAL_ID_TAG, STACK_ID_TAG
from server_certificate_handler.errors import NameTakenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server_certificate.material import PublicMaterial
    from server_certificate.tags import Owner
    from server_certificate_handler.stored_certificate import StoredCertificate


def content_name_of(public: PublicMaterial, *, base: str, owner: Owner) -> str:
    """
    Return the name that belongs to a content of an owner.

    Args:
        public: The content.
        base: The explicit name, or the prefix of generated names.
        owner: The resource; two stacks with the same content have two names for it.
    """
    return content_name(base, content_fingerprint(public, owner=owner.stack_id))


def is_set_aside(stored: StoredCertificate, *, name: str, owner: Owner) -> bool:
    """Whether a certificate is the owner's and was moved off a name, to that of its content."""
    return (
        owner.owns(stored.tags)
        and stored.public is not None
        and stored.name == content_name_of(stored.public, base=name, owner=owner)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """The certificate that an event asks for."""

    owner: Owner
    explicit_name: str | None
    name_prefix: str
    path: str
    public: PublicMaterial
    tags: Mapping[str, str]
    """The user's tags, without those of the owner."""

    @property
    def name(self) -> str:
        """The name that it has in the end."""
        return self.explicit_name or self.content_name_of(self.public)

    @property
    def content_name(self) -> str:
        """The name that belongs to its content alone; the name itself when that is generated."""
        return self.content_name_of(self.public)

    def content_name_of(self, public: PublicMaterial) -> str:
        """Return the name that belongs to any content of this owner."""
        return content_name_of(
            public, base=self.explicit_name or self.name_prefix, owner=self.owner
        )


@dataclass(frozen=True, slots=True)
class Upload:
    """Upload the wanted content under a name."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Rename or re-path a certificate."""

    name: str
    path: str
    new_name: str
    new_path: str

    @property
    def back(self) -> Move:
        """The step that undoes this one."""
        return Move(name=self.new_name, path=self.new_path, new_name=self.name, new_path=self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retag:
    """Remove tags of a certificate and set others."""

    name: str
    put: Mapping[str, str]
    remove: frozenset[str]
    before: Mapping[str, str]
    """The tags that the certificate has before the step."""

    @property
    def back(self) -> Retag:
        """The step that undoes this one."""
        # IAM tells keys apart without regard to case.
        touched = {key.lower() for key in (*self.put, *self.remove)}
        held = {key.lower() for key in self.before}
        return Retag(
            name=self.name,
            put={key: value for key, value in self.before.items() if key.lower() in touched},
            remove=frozenset(key for key in self.put if key.lower() not in held),
            before={},
        )


Step = Upload | Move | Retag


def in_place(
    stored: StoredCertificate, desired: Desired, *, former_tag_keys: frozenset[str]
) -> tuple[Step, ...]:
    """
    Bring a certificate that has the wanted content to the wanted name, path and tags.

    Args:
        stored: The certificate.
        desired: What it should be.
        former_tag_keys: Keys of the tags in the template before; only these are removed, so that
            tags which somebody else set stay.
    """
    steps: list[Step] = []
    if (stored.name, stored.path) != (desired.name, desired.path):
        steps.append(
            Move(
                name=stored.name,
                path=stored.path,
                new_name=desired.name,
                new_path=desired.path,
            )
        )
    if retag := _retag(stored, desired, former_tag_keys=former_tag_keys):
        steps.append(retag)
    return tuple(steps)


def replace(current: StoredCertificate | None, desired: Desired) -> tuple[Step, ...]:
    """
    Bring in another content beside the current certificate, which CloudFormation deletes later.

    When both want the same explicit name the new one is uploaded under the name of its content;
    then the current one moves aside, to the name of *its* content, and the new one moves in.

    Args:
        current: What the resource holds now; None when that is gone.
        desired: What it should hold.
    """
    if current is None or current.name != desired.name or current.public is None:
        return (Upload(desired.name),)
    return (
        Upload(desired.content_name),
        *make_way(current, desired),
        Move(
            name=desired.content_name,
            path=desired.path,
            new_name=desired.name,
            new_path=desired.path,
        ),
    )


def make_way(current: StoredCertificate | None, desired: Desired) -> tuple[Step, ...]:
    """Move the current certificate off the wanted name, if it has it."""
    if current is None or current.public is None or current.name != desired.name:
        return ()
    return (
        Move(
            name=current.name,
            path=current.path,
            new_name=desired.content_name_of(current.public),
            new_path=current.path,
        ),
    )


def is_own_twin(stored: StoredCertificate, desired: Desired) -> bool:
    """Whether a certificate is this owner's and has the wanted content: its own earlier work."""
    return desired.owner.owns(stored.tags) and has_content(stored, desired.public)


def has_content(stored: StoredCertificate, public: PublicMaterial) -> bool:
    """Compare by DER: IAM changes line ends, and the encoding a user chose is no content."""
    return stored.public is not None and stored.public.der == public.der


def name_taken(holder: StoredCertificate) -> NameTakenError:
    """Explain whose certificate has the name."""
    stack = holder.tags.get(STACK_ID_TAG)
    resource = holder.tags.get(LOGICAL_ID_TAG)
    whose = (
        f"it belongs to the resource {resource} of the stack {stack}"
        if stack
        else "its tags name no stack that owns it"
    )
    return NameTakenError(
        f"The name '{holder.name}' is taken by the certificate {holder.certificate_id} ({holder.arn}); {whose}."
        " It was left as it is. Choose another server_certificate_name, or leave it out to have a unique one generated."
    )


def _retag(
    stored: StoredCertificate, desired: Desired, *, former_tag_keys: frozenset[str]
) -> Retag | None:
    wanted = {**desired.tags, **desired.owner.tags()}
    wanted_keys = {key.lower() for key in wanted}
    put = {key: value for key, value in wanted.items() if stored.tags.get(key) != value}
    remove = frozenset(
        key for key in former_tag_keys if key in stored.tags and key.lower() not in wanted_keys
    )
    if not put and not remove:
        return None
    return Retag(name=desired.name, put=put, remove=remove, before=stored.tags)

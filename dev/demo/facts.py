"""What is there: plain data, without a way to change or to get it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCertificate:
    """A certificate in IAM."""

    certificate_id: str
    name: str
    path: str
    arn: str
    certificate_der: bytes
    chain_der: tuple[bytes, ...]
    tags: Mapping[str, str]

    @property
    def place(self) -> str:
        """Path and name, as they stand at the end of the ARN."""
        return self.path + self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class StackResource:
    """The certificate as CloudFormation knows it."""

    stack_id: str
    logical_id: str
    physical_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the cloud holds at one moment."""

    certificates: tuple[StoredCertificate, ...] = ()
    """Everything in IAM, whoever made it."""

    listener_arns: tuple[str, ...] = ()
    """Certificates that load balancer listeners refer to."""

    resource: StackResource | None = None
    """None if there is no stack, or none with a certificate."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What was seen while a deployment ran."""

    looks: int
    """How often listener and IAM were compared."""

    missing: tuple[str, ...]
    """ARNs that the listener referred to while IAM did not have them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an action did."""

    exit_code: int = 0
    output: str = ""
    texts: Mapping[str, bytes] = field(default_factory=dict)
    """Texts that were collected, by where they come from."""

    watch: Watch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that a check may look at."""

    before: Snapshot
    outcome: Outcome
    after: Snapshot
    foreign: StoredCertificate
    """A certificate of somebody else, as it was before anything was deployed."""

    @property
    def ours_before(self) -> tuple[StoredCertificate, ...]:
        """The certificates before, without the foreign one."""
        return self._ours(self.before)

    @property
    def ours(self) -> tuple[StoredCertificate, ...]:
        """The certificates now, without the foreign one."""
        return self._ours(self.after)

    def _ours(self, snapshot: Snapshot) -> tuple[StoredCertificate, ...]:
        return tuple(
            stored
            for stored in snapshot.certificates
            if stored.certificate_id != self.foreign.certificate_id
        )

"""What was observed, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dev.demo.names import Names

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
        """Path and name, as at the end of the ARN."""
        return self.path + self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class StackResource:
    """The certificate as CloudFormation shows it."""

    stack_id: str
    logical_id: str
    physical_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the cloud has at one moment."""

    certificates: tuple[StoredCertificate, ...] = ()
    """All certificates in IAM."""

    listener_arns: tuple[str, ...] = ()
    """Certificates that load balancer listeners refer to."""

    resource: StackResource | None = None
    """None if there is no stack with a certificate."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What was observed during a deployment."""

    looks: int
    """How often listener and IAM were compared."""

    missing: tuple[str, ...]
    """ARNs that the listener referred to while IAM did not have them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a step did."""

    exit_code: int = 0
    output: str = ""
    texts: Mapping[str, bytes] = field(default_factory=dict)
    """The collected texts, by their source."""

    watch: Watch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that a check can examine."""

    before: Snapshot
    outcome: Outcome
    after: Snapshot
    foreign: StoredCertificate
    """Somebody else's certificate, as it was before the first deployment."""

    names: Names = field(default_factory=Names)

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

"""A run: read, publish, and renew. A problem of one part doesn't prevent the others."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate.contract.renewal import DetailType
from server_certificate_handler.errors import CertificateMissingError, HandlerError
from server_certificate_handler.identifiers import is_certificate_id
from server_certificate_handler.renewal.failures import (
    CallError,
    RenewalFailedError,
    RenewalRefusedError,
    RunError,
)
from server_certificate_handler.renewal.reports import approaching_expiration, renewal_report
from server_certificate_handler.renewal.watch import is_approaching, measurements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from server_certificate_handler.renewal.certificates import CertificateReader
    from server_certificate_handler.renewal.facts import CertificateFacts, SecretFacts, StackFacts
    from server_certificate_handler.renewal.publishing import Publisher
    from server_certificate_handler.renewal.renewer import Renewer
    from server_certificate_handler.renewal.run_input import RunInput, WatchedCertificate
    from server_certificate_handler.renewal.secret_versions import SecretReader
    from server_certificate_handler.renewal.stacks import StackReader

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Run:
    """Carries out a run."""

    run_input: RunInput
    iam: CertificateReader
    secrets: SecretReader | None
    stacks: StackReader
    publisher: Publisher
    renewer: Renewer | None
    now: Callable[[], datetime]

    _certificates: dict[WatchedCertificate, CertificateFacts | None] = field(
        default_factory=dict, init=False
    )
    """The certificates that the stacks have; None for one that can't be read."""

    _secret: SecretFacts | None = field(default=None, init=False)
    _stack: StackFacts | None = field(default=None, init=False)
    _problems: list[str] = field(default_factory=list, init=False)

    def carry_out(self) -> None:
        """
        Watch the certificates, and renew them if that is due.

        Raises:
            RunError: There were problems. It is raised when everything else is done.
        """
        self._read_certificates()
        if self.renewer is None:
            with self._collecting_problems():
                self._read_secret()
            self._publish()
        else:
            # If one of these can't be read, the renewal reports it after the metrics.
            failure = self._failure_of(self._read_secret) or self._failure_of(self._read_stack)
            self._publish()
            self._renew(self.renewer, failure)
        if self._problems:
            raise RunError(" ".join(self._problems))

    def _read_certificates(self) -> None:
        names: dict[str, str] | None = None
        for watched in self.run_input.certificates:
            with self._collecting_problems():
                certificate_id = self.stacks.physical_id(watched.stack_id, watched.logical_id)
                if certificate_id is None or not is_certificate_id(certificate_id):
                    log.info({"decision": "no certificate yet", "path": watched.path})
                    continue
                self._certificates[watched] = None
                names = self.iam.names() if names is None else names
                if certificate_id not in names:
                    raise CertificateMissingError(
                        f"The certificate of '{watched.path}' doesn't exist: IAM has none with the ID"
                        f" '{certificate_id}'. If it was deleted outside CloudFormation, change"
                        " something about it, such as a tag, and deploy: it is uploaded again."
                    )
                self._certificates[watched] = self.iam.read(names[certificate_id])

    def _read_secret(self) -> None:
        if self.secrets is not None:
            self._secret = self.secrets.read()

    def _read_stack(self) -> None:
        self._stack = self.stacks.read(self.run_input.stack_id)

    def _publish(self) -> None:
        """Publish the metrics, and once a day the events about what expires soon."""
        now = self.now()
        known = {watched: facts for watched, facts in self._certificates.items() if facts}
        parameter = None
        if self.run_input.renewing and self._stack:
            parameter = self._stack.parameters.get(self.run_input.renewing.parameter)
        values = [
            measurement
            for watched, facts in known.items()
            for measurement in measurements(
                watched.path, facts, secret=self._secret, parameter=parameter, now=now
            )
        ]
        for each in values:
            log.info({"metric": each.metric, "path": each.path, "value": each.value})
        with self._collecting_problems():
            self.publisher.measure(values, now)
        if not self.run_input.is_daily:
            return
        with self._collecting_problems():
            self.publisher.report(
                [
                    approaching_expiration(self.run_input, watched, facts, now)
                    for watched, facts in known.items()
                    if is_approaching(facts, notice_days=watched.notice_days, now=now)
                ]
            )

    def _renew(self, renewer: Renewer, failure: Exception | None) -> None:
        with self._collecting_problems():
            try:
                if failure is not None:
                    raise failure
                assert self._secret is not None  # noqa: S101 (a renewal has a secret, which was read)
                certificates = list(self._certificates.values())
                is_renewed = renewer.renew(certificates, self._secret, self._stack)
            except RenewalRefusedError as err:
                self._report(DetailType.RENEWAL_REFUSED, err)
            except RenewalFailedError as err:
                self._report(DetailType.RENEWAL_FAILED, err)
            except CallError as err:
                if err.is_passing:
                    raise
                self._report(DetailType.RENEWAL_FAILED, err)
            else:
                if is_renewed:
                    self._read_certificates()
                    self._publish()

    def _report(self, detail_type: DetailType, err: HandlerError) -> None:
        log.error({"decision": detail_type, "reason": str(err)})
        report = renewal_report(
            detail_type,
            self.run_input,
            reason=str(err),
            version_id=self._secret.current if self._secret else None,
            certificates=[facts for facts in self._certificates.values() if facts],
        )
        self.publisher.report([report])

    @staticmethod
    def _failure_of(read: Callable[[], None]) -> Exception | None:
        try:
            read()
        except Exception as err:  # noqa: BLE001 (raised later)
            return err
        return None

    @contextlib.contextmanager
    def _collecting_problems(self) -> Iterator[None]:
        """Log an error, and go on. The run ends with it."""
        try:
            yield
        except HandlerError as err:
            log.error({"decision": "go on", "error": type(err).__name__, "reason": str(err)})  # noqa: TRY400 (the message explains it)
            self._problems.append(str(err))
        except Exception as err:
            log.exception({"decision": "go on", "error": type(err).__name__})
            self._problems.append(f"Internal error: {type(err).__name__}: {err}")

"""Read and judge what an event brings: names, path, tags, certificates and, for an upload, the key."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server_certificate.assessment import Assessment, Criteria, Given, Input, assess
from server_certificate.findings import errors
from server_certificate.naming import check_name, check_path, content_name
from server_certificate.resource_contract import Secret
from server_certificate.tags import check_tags
from server_certificate_handler.errors import MaterialRejectedError, SourceUnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from server_certificate.findings import Finding
    from server_certificate.material import PrivateKey, PublicMaterial
    from server_certificate.resource_contract import ResourceProperties, Text

log = logging.getLogger(__name__)

_PASSING = {"certificate-expired", "certificate-not-yet-valid"}
"""Errors that time brings: they stop an upload, and nothing else."""


@dataclass(slots=True, kw_only=True)
class Intake:
    """The material of one event, read when it is needed."""

    properties: ResourceProperties
    read: Callable[[Text | Secret], str | bytes]
    """Reads a part; raises ``SourceUnreadableError``."""

    at: datetime
    """The instant to judge validity at."""

    _given: Given = field(default_factory=Given, init=False, repr=False)

    def check_names(self) -> None:
        """
        Judge name, path and tags.

        Raises:
            MaterialRejectedError: One cannot be used; tells also what is wrong with the certificate.
        """
        properties = self.properties
        name = properties.name or content_name(properties.name_prefix, "0" * 64)
        findings = (
            *check_name(name),
            *check_path(properties.path),
            *check_tags(properties.tags),
        )
        if findings:
            # What else is wrong shall be told with it, if it can be read at all.
            try:
                self.public()
            except MaterialRejectedError as err:
                findings += err.findings
            except SourceUnreadableError as err:
                log.info({"decision": "tell the names only", "error": str(err)})
            raise self._rejection(findings)

    def public(self) -> PublicMaterial:
        """
        Read leaf and chain. The key is read when an upload needs it, and only then.

        Raises:
            SourceUnreadableError: A source cannot be read.
            MaterialRejectedError: They cannot be used, whatever the time.
        """
        chain = self.properties.chain
        self._given = Given(
            certificate=self._input(self.properties.certificate),
            chain=self._input(chain) if chain else None,
        )
        assessment = self._assess(self._given)
        unusable = [
            finding for finding in errors(assessment.findings) if finding.code not in _PASSING
        ]
        if unusable or assessment.public is None:
            raise self._rejection(assessment.findings)
        return assessment.public

    def private_key(self) -> PrivateKey:
        """
        Read the private key, and judge everything together, for an upload.

        Raises:
            SourceUnreadableError: The key's source cannot be read.
            MaterialRejectedError: The upload must not be made.
        """
        key = self._input(self.properties.private_key)
        assessment = self._assess(replace(self._given, private_key=key))
        for finding in assessment.findings:
            log.info(
                {"finding": finding.code, "severity": finding.severity.value, "text": str(finding)}
            )
        if errors(assessment.findings) or assessment.private_key is None:
            raise self._rejection(assessment.findings)
        return assessment.private_key

    def _input(self, source: Text | Secret) -> Input:
        content = self.read(source)
        return Input(content) if isinstance(content, bytes) else Input.of_text(content)

    def _assess(self, given: Given) -> Assessment:
        return assess(given, Criteria(at=self.at, acknowledged=self.properties.acknowledged))

    def _rejection(self, findings: Iterable[Finding]) -> MaterialRejectedError:
        parts = {
            "certificate": self.properties.certificate,
            "chain": self.properties.chain,
            "private-key": self.properties.private_key,
        }
        origins = {
            subject: source.description
            for subject, source in parts.items()
            if isinstance(source, Secret)
        }
        return MaterialRejectedError(findings, origins=origins)

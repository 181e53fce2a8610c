"""Read and check what an event brings: names, path, tags, certificates and, for an upload, the key."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server_certificate.assessment import Assessment, Criteria, Given, Input, assess
from server_certificate.contract.sources import Text
from server_certificate.findings import errors
from server_certificate.naming import check_name, check_path, content_name
from server_certificate.reading.passphrases import PassphraseUnusableError, read_passphrase
from server_certificate.reading.rules import NO_PRIVATE_KEY
from server_certificate.rules.tags import check_tags
from server_certificate.rules.validity import BROUGHT_BY_TIME
from server_certificate_handler.errors import MaterialRejectedError, SourceUnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from server_certificate.contract.properties import ResourceProperties
    from server_certificate.contract.sources import Part
    from server_certificate.findings import Finding
    from server_certificate.material import PrivateKey, PublicMaterial
    from server_certificate.reading.passphrases import Passphrase

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Complete:
    """All that an upload needs."""

    public: PublicMaterial
    private_key: PrivateKey


@dataclass(slots=True, kw_only=True)
class MaterialReader:
    """The material of one event, read when it is needed."""

    properties: ResourceProperties
    read: Callable[[Part], str | bytes]
    """Reads a part; raises ``SourceUnreadableError``."""

    at: datetime
    """The instant that validity is checked at."""

    _given: Given = field(default_factory=Given, init=False, repr=False)
    _complete: Complete | None = field(default=None, init=False, repr=False)

    def check_names(self) -> None:
        """
        Check name, path and tags.

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
                self._public()
            except MaterialRejectedError as err:
                findings += err.findings
            except SourceUnreadableError as err:
                log.info({"decision": "tell the names only", "error": str(err)})
            raise self._rejection(findings)

    def public(self, *, with_key: bool) -> PublicMaterial:
        """
        Read leaf and chain.

        Args:
            with_key: Whether an upload is certain, so that the key is read and everything is checked
                at once. If not, a key that is stored elsewhere is not read, and what only time has
                brought about, such as an expiry, is no reason to refuse.

        Raises:
            SourceUnreadableError: A source can't be read.
            MaterialRejectedError: They can't be used.
        """
        return self.complete().public if with_key else self._public()

    def complete(self) -> Complete:
        """
        Read the private key as well, and check everything together, for an upload.

        Raises:
            SourceUnreadableError: A source can't be read.
            MaterialRejectedError: The upload must not be made.
        """
        if self._complete is None:
            self._complete = self._read_all()
        return self._complete

    def _public(self) -> PublicMaterial:
        self._given = self._read_given()
        assessment = self._assess(self._given)
        unusable = [
            finding
            for finding in errors(assessment.findings)
            if finding.code not in BROUGHT_BY_TIME
            and not (finding.rule is NO_PRIVATE_KEY and self.properties.parts.private_key)
        ]
        if unusable or assessment.public is None:
            raise self._rejection(assessment.findings)
        return assessment.public

    def _read_given(self) -> Given:
        parts = self.properties.parts
        passphrase = self._passphrase()
        return Given(
            certificate=self._input(parts.certificate),
            chain=self._input(parts.chain),
            bundle=self._input(parts.bundle),
            passphrase=passphrase.text if passphrase else None,
            passphrase_notes=passphrase.notes if passphrase else (),
        )

    def _read_all(self) -> Complete:
        given = self._given if self._given.certificate or self._given.bundle else self._read_given()
        key = self._input(self.properties.parts.private_key)
        assessment = self._assess(replace(given, private_key=key))
        for finding in assessment.findings:
            log.info(
                {"finding": finding.code, "severity": finding.severity.value, "text": str(finding)}
            )
        if errors(assessment.findings) or assessment.public is None:
            raise self._rejection(assessment.findings)
        if assessment.private_key is None:
            message = "it holds no private key, without which nothing can be uploaded."
            raise self._rejection([NO_PRIVATE_KEY.finding("bundle", message)])
        return Complete(assessment.public, assessment.private_key)

    def _input(self, part: Part | None) -> Input | None:
        if part is None:
            return None
        content = self.read(part)
        return Input(content) if isinstance(content, bytes) else Input.of_text(content)

    def _passphrase(self) -> Passphrase | None:
        part = self.properties.parts.passphrase
        if part is None:
            return None
        try:
            return read_passphrase(self.read(part))
        except PassphraseUnusableError as err:
            raise SourceUnreadableError(f"The passphrase in the {part.description} {err}") from None

    def _assess(self, given: Given) -> Assessment:
        return assess(given, Criteria(at=self.at, acknowledged=self.properties.acknowledged))

    def _rejection(self, findings: Iterable[Finding]) -> MaterialRejectedError:
        parts = self.properties.parts
        places = {
            "certificate": parts.certificate,
            "chain": parts.chain,
            "private-key": parts.private_key,
            "bundle": parts.bundle,
        }
        origins = {
            subject: part.description
            for subject, part in places.items()
            if part is not None and not isinstance(part, Text)
        }
        return MaterialRejectedError(findings, origins=origins)

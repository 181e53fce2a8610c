"""Read and check the inputs of an event: name, path, tags and material."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server_certificate.assessment import Assessment, Criteria, Given, Input, assess
from server_certificate.contract.sources import Parameter, Secret, Text
from server_certificate.findings import errors
from server_certificate.naming import check_name, check_name_prefix, check_path
from server_certificate.reading.passphrases import PassphraseUnusableError, read_passphrase
from server_certificate.reading.rules import NO_PRIVATE_KEY
from server_certificate.rules.tags import check_tags
from server_certificate.rules.validity import TIME_DEPENDENT_CODES
from server_certificate_handler.errors import MaterialRejectedError, SourceUnreadableError
from server_certificate_handler.sources.json_fields import check_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from server_certificate.contract.ownership import SecretVersion
    from server_certificate.contract.properties import ResourceProperties
    from server_certificate.contract.sources import Part
    from server_certificate.findings import Finding
    from server_certificate.material import PrivateKey, PublicMaterial
    from server_certificate.reading.passphrases import Passphrase
    from server_certificate_handler.sources.content import SourceContent

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UploadMaterial:
    """The material for an upload."""

    public: PublicMaterial
    private_key: PrivateKey


@dataclass(slots=True, kw_only=True)
class MaterialReader:
    """The material of one event, read on demand."""

    properties: ResourceProperties
    read: Callable[[Part], SourceContent]
    """Reads a part. It raises ``SourceUnreadableError``."""

    at: datetime
    """The time to check validity at."""

    secret_version: SecretVersion | None = field(default=None, init=False)
    """Where the leaf was read; None if it isn't from a secret, or hasn't been read."""

    _inputs: Given = field(default_factory=Given, init=False, repr=False)
    _upload_material: UploadMaterial | None = field(default=None, init=False, repr=False)

    def check_names(self) -> None:
        """
        Check the name, the path and the tags.

        Raises:
            MaterialRejectedError: One of them is invalid. The message also contains the errors of
                the certificate.
        """
        properties = self.properties
        findings = (
            *(
                check_name(properties.name)
                if properties.name
                else check_name_prefix(properties.name_prefix)
            ),
            *check_path(properties.path),
            *check_tags(properties.tags),
        )
        if findings:
            # Report the errors of the certificate as well, if it can be read.
            try:
                self._public()
            except MaterialRejectedError as err:
                findings += err.findings
            except SourceUnreadableError as err:
                log.info({"decision": "tell the names only", "error": str(err)})
            raise self._rejection(findings)

    def public(self, *, with_key: bool) -> PublicMaterial:
        """
        Read the leaf and the chain.

        Args:
            with_key: Whether an upload is certain, so that the private key is read and everything
                is checked together. If not, a separate private key isn't read, and errors that only
                develop over time, such as an expiry, are ignored.

        Raises:
            SourceUnreadableError: A source can't be read.
            MaterialRejectedError: The certificates have errors.
        """
        return self.upload_material().public if with_key else self._public()

    def upload_material(self) -> UploadMaterial:
        """
        Read everything including the private key, and check it for an upload.

        Raises:
            SourceUnreadableError: A source can't be read.
            MaterialRejectedError: There are errors that prevent the upload.
        """
        if self._upload_material is None:
            self._upload_material = self._read_all()
        return self._upload_material

    def _public(self) -> PublicMaterial:
        self._inputs = self._read_inputs()
        assessment = self._assess(self._inputs)
        unusable = [
            finding
            for finding in errors(assessment.findings)
            if finding.code not in TIME_DEPENDENT_CODES
            and not (finding.rule is NO_PRIVATE_KEY and self.properties.parts.private_key)
        ]
        if unusable or assessment.public is None:
            raise self._rejection(assessment.findings)
        return assessment.public

    def _read_inputs(self) -> Given:
        parts = self.properties.parts
        passphrase = self._passphrase()
        return Given(
            certificate=self._input(parts.certificate, "certificate"),
            chain=self._input(parts.chain, "chain"),
            bundle=self._input(parts.bundle),
            passphrase=passphrase.text if passphrase else None,
            passphrase_notes=passphrase.notes if passphrase else (),
        )

    def _read_all(self) -> UploadMaterial:
        given = (
            self._inputs if self._inputs.certificate or self._inputs.bundle else self._read_inputs()
        )
        key = self._input(self.properties.parts.private_key, "private-key")
        assessment = self._assess(replace(given, private_key=key))
        for finding in assessment.findings:
            log.info(
                {"finding": finding.code, "severity": finding.severity.value, "text": str(finding)}
            )
        if errors(assessment.findings) or assessment.public is None:
            raise self._rejection(assessment.findings)
        if assessment.private_key is None:
            message = "it contains no private key, which is required for an upload."
            raise self._rejection([NO_PRIVATE_KEY.finding("bundle", message)])
        return UploadMaterial(assessment.public, assessment.private_key)

    def _input(self, part: Part | None, single: str | None = None) -> Input | None:
        """Read a part: a single one, or everything."""
        if part is None:
            return None
        content = self.read(part)
        if part is self.properties.parts.leaf:
            self.secret_version = content.secret_version
        value = content.value
        if single and isinstance(part, Secret | Parameter) and part.json_field is None:
            check_whole(value, part, single)
        return Input(value) if isinstance(value, bytes) else Input.of_text(value)

    def _passphrase(self) -> Passphrase | None:
        part = self.properties.parts.passphrase
        if part is None:
            return None
        try:
            return read_passphrase(self.read(part).value)
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

"""Where the parts of a certificate come from."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aws_cdk import Stack, Token
from aws_cdk import aws_iam as iam

from server_certificate.files import FileUnreadableError, read_file
from server_certificate.form_rules import (
    FILE_UNREADABLE,
    PRIVATE_KEY_AMONG_CERTIFICATES,
    TOO_MANY_BLOCKS,
    WRONG_KIND,
)
from server_certificate.inputs import Input
from server_certificate.material import to_pem
from server_certificate.reading import read
from server_certificate.resource_contract import Source
from server_certificate.sizes import TOO_LARGE

if TYPE_CHECKING:
    from pathlib import Path

    from aws_cdk import aws_secretsmanager as secretsmanager

    from server_certificate.findings import Finding, Rule

_CERTIFICATE = re.compile(
    r"-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----"
)
_TOKEN = re.compile(r"\$\{Token\[[^\]]*\]\}")
_ARMOUR = re.compile("-----(BEGIN|END) CERTIFICATE-----")
_NOT_LOOKED_THROUGH = {PRIVATE_KEY_AMONG_CERTIFICATES, TOO_LARGE, TOO_MANY_BLOCKS}
"""What holds a private key, or may hold one where nobody looked."""


class CertificateSource(ABC):
    """Where a certificate or a chain comes from: public, so it may stand in a template."""

    @staticmethod
    def from_text(text: str) -> CertificateSource:
        """
        Take a text in PEM.

        A private key in it stops the synthesis, and does not reach the template: store it in a
        secret and use ``PrivateKeySource.from_secret``.

        Args:
            text: One or more certificates in PEM. Text around them and a wrong order are mended
                when the app is synthesised. May be a token; it is judged at deploy time then.
        """
        return _literal(text, Input.of_text(text), origin=None)

    @staticmethod
    def from_file(path: str | Path) -> CertificateSource:
        """
        Take a file in PEM, DER or PKCS#7, read when the app is synthesised.

        A file that is missing, unreadable, larger than 4 MiB, or that holds a private key
        stops the synthesis, with all other findings of the app.

        Args:
            path: The file, absolute or relative to the directory the app runs in.
        """
        origin = f"file '{path}'"
        try:
            given = Input(read_file(path), file=str(path))
        except FileUnreadableError as err:
            return _Literal(None, None, origin, _Problem(FILE_UNREADABLE, err.problem, err.mend))
        return _literal(None, given, origin=origin)

    @staticmethod
    def from_secret(
        secret: secretsmanager.ISecret,
        *,
        json_field: str | None = None,
        version_id: str | None = None,
        version_stage: str | None = None,
    ) -> CertificateSource:
        """
        Take certificates from a Secrets Manager secret, judged at deploy time.

        Args:
            secret: The secret; see ``PrivateKeySource.from_secret``.
            json_field: The field of a JSON secret that holds the certificates.
                Default: the whole secret.
            version_id: The version to read. A new one here makes the next deployment an update.
                Default: the version of ``version_stage``.
            version_stage: The staging label to read. Default: ``AWSCURRENT``.

        Raises:
            TypeError: ``secret`` is no secret, but its name or value.
            ValueError: Both ``version_id`` and ``version_stage`` are given, or the secret was
                imported with its ARN in place of its name.
        """
        return _SecretCertificate(_secret(secret, json_field, version_id, version_stage))

    @property
    @abstractmethod
    def given(self) -> Input | None:
        """What is known of it at synth; None when only the function can read it, or nobody."""

    @property
    @abstractmethod
    def origin(self) -> str | None:
        """What to call the source in a sentence; None for a text."""

    @abstractmethod
    def problem(self, subject: str) -> Finding | None:
        """Say why it cannot be used, about ``certificate`` or ``chain``; None if it can be."""

    @abstractmethod
    def render(self) -> dict[str, str]:
        """Return the source as a property of the custom resource."""

    @abstractmethod
    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant | None:
        """Allow a principal to read exactly this source; None where there is nothing to allow."""


@dataclass(frozen=True, slots=True)
class _Problem:
    rule: Rule
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class _Literal(CertificateSource):
    text: str | None = field(repr=False)
    """The text as it was given, perhaps with tokens; None for a file."""

    content: Input | None
    origin: str | None
    trouble: _Problem | None = None

    @property
    def given(self) -> Input | None:
        return None if Token.is_unresolved(self.text) else self.content

    def problem(self, subject: str) -> Finding | None:
        trouble = self.trouble
        return trouble.rule.found(subject, trouble.message, trouble.fix) if trouble else None

    def render(self) -> dict[str, str]:
        if self.given is None:
            return {Source.TEXT.value: self.text or ""}
        elements = read(self.given, subject="chain").elements
        return {Source.TEXT.value: to_pem(element.certificate for element in elements)}

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant | None:
        del grantee
        return None


def _literal(text: str | None, given: Input, *, origin: str | None) -> CertificateSource:
    if Token.is_unresolved(text) and _beside_tokens(text or ""):
        # The content is dropped here, so that no later mistake can bring it into a template.
        problem = _Problem(
            WRONG_KIND,
            "it holds something else than certificates beside a token, and becomes part of the"
            " template.",
            "Leave whole certificates in PEM and tokens only; private keys belong in a secret.",
        )
        return _Literal(None, None, origin, problem)
    for finding in read(given, subject="certificate").findings:
        if finding.rule in _NOT_LOOKED_THROUGH:
            problem = _Problem(finding.rule, finding.message, finding.fix)
            if finding.rule is PRIVATE_KEY_AMONG_CERTIFICATES:
                problem = _Problem(
                    PRIVATE_KEY_AMONG_CERTIFICATES,
                    "it holds a private key, and a certificate's text becomes part of the template.",
                    "Store the key in a Secrets Manager secret, give it with"
                    " PrivateKeySource.from_secret, and remove it here.",
                )
            return _Literal(None, None, origin, problem)
    return _Literal(text, given, origin)


def _beside_tokens(text: str) -> str:
    """Return what stands beside tokens, certificates and their armour."""
    known = _TOKEN.sub("", text)
    return _ARMOUR.sub("", _CERTIFICATE.sub("", known)).strip()


class PrivateKeySource(ABC):
    """Where the private key comes from. Only the function reads it, when it uploads."""

    @staticmethod
    def from_secret(
        secret: secretsmanager.ISecret,
        *,
        json_field: str | None = None,
        version_id: str | None = None,
        version_stage: str | None = None,
    ) -> PrivateKeySource:
        """
        Take a private key from a Secrets Manager secret.

        Args:
            secret: The secret. Under a customer-managed KMS key, name the key where the secret is
                imported (``Secret.from_secret_attributes(encryption_key=…)``): decrypting with it
                is granted too. The key's own policy must allow the account's roles to use it.
            json_field: The field of a JSON secret that holds the key in PEM.
                Default: the whole secret is the key.
            version_id: The version to read. A new one here makes the next deployment an update.
                Default: the version of ``version_stage``.
            version_stage: The staging label to read. Default: ``AWSCURRENT``.

        Raises:
            TypeError: ``secret`` is no secret, but its name or value.
            ValueError: Both ``version_id`` and ``version_stage`` are given, or the secret was
                imported with its ARN in place of its name.
        """
        return _SecretKey(_secret(secret, json_field, version_id, version_stage))

    @abstractmethod
    def render(self) -> dict[str, str]:
        """Return the source as a property of the custom resource."""

    @abstractmethod
    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow a principal to read exactly this source."""


def _secret(
    secret: secretsmanager.ISecret,
    json_field: str | None,
    version_id: str | None,
    version_stage: str | None,
) -> _Secret:
    if isinstance(secret, str):
        raise TypeError(
            "secret must be a construct of aws_secretsmanager, not a string;"
            " import one with Secret.from_secret_name_v2 or Secret.from_secret_complete_arn."
        )
    if ":secret:arn:" in secret.secret_arn:
        raise ValueError(
            f"the secret's name is an ARN, '{secret.secret_name}'; import it with Secret.from_secret_complete_arn."
        )
    if version_id is not None and version_stage is not None:
        raise ValueError(
            f"version_id '{version_id}' and version_stage '{version_stage}' both name a version; give one of them."
        )
    return _Secret(secret, json_field, version_id, version_stage)


@dataclass(frozen=True, slots=True)
class _Secret:
    """A secret, or a field or version of it."""

    secret: secretsmanager.ISecret
    json_field: str | None
    version_id: str | None
    version_stage: str | None

    def render(self) -> dict[str, str]:
        rendered = {
            Source.SECRET_ARN.value: self.secret.secret_arn,
            Source.JSON_FIELD.value: self.json_field,
            Source.VERSION_ID.value: self.version_id,
            Source.VERSION_STAGE.value: self.version_stage,
        }
        return {key: value for key, value in rendered.items() if value is not None}

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        grant = self.secret.grant_read(grantee)
        key = self.secret.encryption_key
        if key is None:
            return grant
        # For an imported key CDK grants nothing, and says nothing: its key policy is out of reach.
        stack = Stack.of(self.secret)
        decrypt = iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["kms:Decrypt"],
            resource_arns=[key.key_arn],
            conditions={
                "StringEquals": {
                    "kms:ViaService": f"secretsmanager.{stack.region}.{stack.url_suffix}"
                }
            },
        )
        return grant.combine(decrypt)


@dataclass(frozen=True, slots=True)
class _SecretKey(PrivateKeySource):
    part: _Secret

    def render(self) -> dict[str, str]:
        return self.part.render()

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        return self.part.grant_read(grantee)


@dataclass(frozen=True, slots=True)
class _SecretCertificate(CertificateSource):
    part: _Secret

    @property
    def given(self) -> Input | None:
        return None

    @property
    def origin(self) -> str | None:
        return None

    def problem(self, subject: str) -> Finding | None:
        del subject
        return None

    def render(self) -> dict[str, str]:
        return self.part.render()

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant | None:
        return self.part.grant_read(grantee)

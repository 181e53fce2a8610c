"""Where the parts of a certificate come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Stack, Token
from aws_cdk import aws_iam as iam

from server_certificate import pem
from server_certificate.findings import Finding
from server_certificate.resource_contract import Source

if TYPE_CHECKING:
    from aws_cdk import aws_secretsmanager as secretsmanager

MAX_FILE_BYTES = pem.MAX_CHARACTERS
"""Larger files are refused unread: twice the longest chain that IAM takes."""


class CertificateSource(ABC):
    """Where a certificate or a chain comes from: public, so it may stand in a template."""

    @staticmethod
    def from_text(text: str) -> CertificateSource:
        """
        Take PEM text.

        A private key in it stops the synthesis, and does not reach the template: store it in a
        secret and use ``PrivateKeySource.from_secret``.

        Args:
            text: One or more certificates in PEM. Text around them and a wrong order are mended
                when the app is synthesised. May be a token; it is judged at deploy time then.
        """
        return _text(text, origin=None)

    @staticmethod
    def from_file(path: str | Path) -> CertificateSource:
        """
        Take a PEM file, read when the app is synthesised.

        A file that is missing, unreadable, larger than 4 MiB, no text, or that holds a private key
        stops the synthesis, with all other findings of the app.

        Args:
            path: The file, absolute or relative to the directory the app runs in.
        """
        origin = f"file '{path}'"
        try:
            return _text(_read(Path(path)), origin=origin)
        except _UnusableFileError as err:
            return _CertificateText(None, origin, err.problem)

    @property
    @abstractmethod
    def text(self) -> str | None:
        """The PEM text; None when only the function can read it, or when it cannot be used."""

    @property
    @abstractmethod
    def origin(self) -> str | None:
        """What to call the source in a sentence; None for a text."""

    @property
    @abstractmethod
    def problem(self) -> Problem | None:
        """Why it cannot be used; None when nothing is known against it yet."""

    @abstractmethod
    def render(self) -> dict[str, str]:
        """Return the source as a property of the custom resource."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What rules a source out before any certificate is read."""

    code: str
    message: str
    fix: str

    def about(self, subject: str) -> Finding:
        """Return it as a finding about ``certificate`` or ``chain``."""
        return Finding.error(self.code, subject, self.message, self.fix)


@dataclass(frozen=True, slots=True)
class _CertificateText(CertificateSource):
    content: str | None = field(repr=False)
    origin: str | None
    problem: Problem | None = None

    @property
    def text(self) -> str | None:
        return None if Token.is_unresolved(self.content) else self.content

    def render(self) -> dict[str, str]:
        return {Source.TEXT.value: self.content or ""}


def _text(text: str, *, origin: str | None) -> CertificateSource:
    # Also when a part of it is a token: the rest is known.
    if any(block.is_private_key for block in pem.parse(text).blocks):
        # The text is dropped here, so that no later mistake can bring it into a template.
        problem = Problem(
            "private-key-among-certificates",
            "it holds a private key, and a certificate's text becomes part of the template.",
            "Store the key in a Secrets Manager secret, give it with PrivateKeySource.from_secret,"
            " and remove it here.",
        )
        return _CertificateText(None, origin, problem)
    return _CertificateText(text, origin)


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
        return _SecretKey(secret, json_field, version_id, version_stage)

    @abstractmethod
    def render(self) -> dict[str, str]:
        """Return the source as a property of the custom resource."""

    @abstractmethod
    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow a principal to read exactly this source."""


@dataclass(frozen=True, slots=True)
class _SecretKey(PrivateKeySource):
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


class _UnusableFileError(Exception):
    def __init__(self, code: str, message: str, fix: str) -> None:
        self.problem = Problem(code, message, fix)
        super().__init__(message)


def _read(path: Path) -> str:
    try:
        if not path.exists():
            raise _UnusableFileError(
                "file-missing",
                f"it does not exist; the app runs in '{Path.cwd()}'.",
                "Give the path of a PEM file.",
            )
        if not path.is_file():
            raise _UnusableFileError(
                "file-unreadable", "it is a folder or a device.", "Give the path of a PEM file."
            )
        if (size := path.stat().st_size) > MAX_FILE_BYTES:
            raise _UnusableFileError(
                "too-large",
                f"it has {size:,} bytes; up to {MAX_FILE_BYTES:,} are read.",
                "Give the certificates of this server only.",
            )
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise _UnusableFileError(
            "not-pem",
            "it is no text, perhaps DER.",
            f"Convert it: openssl x509 -inform DER -in '{path}' -out certificate.pem",
        ) from None
    except OSError as err:
        raise _UnusableFileError(
            "file-unreadable", f"it cannot be read: {err.strerror}.", "Check its permissions."
        ) from err

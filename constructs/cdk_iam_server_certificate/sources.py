"""Where the parts of a certificate come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Token

from server_certificate import pem
from server_certificate.resource_contract import Source

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_secretsmanager as secretsmanager

MAX_FILE_BYTES = pem.MAX_CHARACTERS
"""Larger files are refused unread: twice the longest chain that IAM takes."""


class CertificateSource(ABC):
    """Where a certificate or a chain comes from: public, so it may stand in a template."""

    @staticmethod
    def from_text(text: str) -> CertificateSource:
        """
        Take PEM text.

        Args:
            text: One or more certificates in PEM. Text around them, CRLF and a wrong order are
                mended when the app is synthesised.

        Raises:
            ValueError: The text holds a private key. It would end up in the template; store it
                in a secret and use ``PrivateKeySource.from_secret``.
        """
        return _CertificateText(text, origin="the text")

    @staticmethod
    def from_file(path: str | Path) -> CertificateSource:
        """
        Take a PEM file, read when the app is synthesised.

        Args:
            path: The file, absolute or relative to the directory the app runs in.

        Raises:
            ValueError: The file is missing, unreadable, larger than 4 MiB, no text, or holds a
                private key.
        """
        return _CertificateText(_read(Path(path)), origin=f"the file '{path}'")

    @property
    @abstractmethod
    def text(self) -> str | None:
        """The PEM text when it is known at synth; None when only the function can read it."""

    @abstractmethod
    def render(self) -> dict[str, str]:
        """Return the source as a property of the custom resource."""


@dataclass(frozen=True, slots=True)
class _CertificateText(CertificateSource):
    content: str = field(repr=False)
    origin: str

    def __post_init__(self) -> None:
        if Token.is_unresolved(self.content):
            return
        if any(block.is_private_key for block in pem.parse(self.content).blocks):
            raise ValueError(
                f"{self.origin} holds a private key, and a certificate's text becomes part of the template."
                " Store the key in a Secrets Manager secret, give it with PrivateKeySource.from_secret, and remove it here."
            )

    @property
    def text(self) -> str | None:
        return None if Token.is_unresolved(self.content) else self.content

    def render(self) -> dict[str, str]:
        return {Source.TEXT.value: self.content}


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
            secret: The secret. A customer-managed KMS key that it names is granted too.
            json_field: The field of a JSON secret that holds the key in PEM.
                Default: the whole secret is the key.
            version_id: The version to read. A new one here makes the next deployment an update.
                Default: the version of ``version_stage``.
            version_stage: The staging label to read. Default: ``AWSCURRENT``.

        Raises:
            ValueError: Both ``version_id`` and ``version_stage`` are given.
        """
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
        return self.secret.grant_read(grantee)


def _read(path: Path) -> str:
    try:
        if not path.is_file():
            what = "is not a file" if path.exists() else "does not exist"
            raise ValueError(
                f"the certificate file '{path}' {what}; the app runs in '{Path.cwd()}'. Give the path of a PEM file."
            )
        if (size := path.stat().st_size) > MAX_FILE_BYTES:
            raise ValueError(
                f"the certificate file '{path}' has {size:,} bytes; files of up to {MAX_FILE_BYTES:,} are read."
            )
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ValueError(
            f"the certificate file '{path}' is no text, perhaps DER;"
            f" openssl x509 -inform DER -in '{path}' -out certificate.pem converts it to PEM."
        ) from None
    except OSError as err:
        raise ValueError(
            f"the certificate file '{path}' cannot be read: {err.strerror}. Check its permissions."
        ) from err

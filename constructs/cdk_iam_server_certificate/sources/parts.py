"""Where the parts of a certificate come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdk_iam_server_certificate.sources.factories import InBucket, InParameter, InSecret
from cdk_iam_server_certificate.sources.literals import file_source, text_source
from cdk_iam_server_certificate.sources.naming_sources import key_as_text

if TYPE_CHECKING:
    from pathlib import Path


class CertificateSource(InSecret, InParameter, InBucket):
    """
    Where a certificate or a chain comes from. Made by its factories.

    Texts and files are PEM, DER or PKCS#7 and judged when the app is synthesised, what the function
    reads is judged at deploy time. What is wrong with a source stops the synthesis, under the path
    of the certificate that uses it and with all other findings of the app.
    """

    __slots__ = ()

    @staticmethod
    def from_text(text: str) -> CertificateSource:
        """
        Take a text in PEM.

        A private key in it stops the synthesis, and does not reach the template: store it in a
        secret and use ``PrivateKeySource.from_secret``.

        Args:
            text: One or more certificates in PEM. Text around them and a wrong order are fixed
                when the app is synthesised. May be a token; it is judged at deploy time then.
        """
        return CertificateSource(text_source(text))

    @staticmethod
    def from_file(path: str | Path) -> CertificateSource:
        """
        Take a file in PEM, DER or PKCS#7, read when the app is synthesised.

        A file that is missing, unreadable, larger than 4 MiB, or that holds a private key
        stops the synthesis.

        Args:
            path: The file, absolute or relative to the directory the app runs in. No token.
        """
        return CertificateSource(file_source(path))


class PrivateKeySource(InSecret, InParameter):
    """
    Where the private key comes from: PEM, or DER in a binary secret. Made by its factories.

    Only the function reads it, when it uploads. What is wrong with a source stops the synthesis,
    under the path of the certificate that uses it.
    """

    __slots__ = ()

    @staticmethod
    def from_text(_: object = None) -> PrivateKeySource:
        """
        Refuse a private key as text: it would become part of the template.

        It stops the synthesis with the way out, and the text is dropped. ``server-certificate
        store`` writes a key to a secret, which ``from_secret`` takes.
        """
        return PrivateKeySource(key_as_text())

    @staticmethod
    def from_file(_: object = None) -> PrivateKeySource:
        """Refuse a file, which is not read; see ``from_text``."""
        return PrivateKeySource(key_as_text())


class BundleSource(InSecret, InBucket):
    """
    Where certificate, private key and perhaps chain come from in one. Made by its factories.

    Only the function reads it: PKCS#12, PEM, or the JSON that ``server-certificate store`` writes.
    PKCS#12 is stored in a secret as binary. Whoever may read an object of S3 has the private key in
    it, unless a passphrase keeps it. What is wrong with a source stops the synthesis, under the path
    of the certificate that uses it.
    """

    __slots__ = ()


class PassphraseSource(InSecret, InParameter):
    """
    Where the passphrase of a bundle comes from. Made by its factories; only the function reads it.

    A line end behind the passphrase is none of it. What is wrong with a source stops the synthesis,
    under the path of the certificate that uses it.
    """

    __slots__ = ()

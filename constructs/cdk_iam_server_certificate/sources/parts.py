"""Where the parts of a certificate come from."""

from __future__ import annotations

from cdk_iam_server_certificate.sources.literals import FromLiteral
from cdk_iam_server_certificate.sources.s3 import FromBucket
from cdk_iam_server_certificate.sources.secrets_manager import FromSecret
from cdk_iam_server_certificate.sources.source import Problem, Source
from cdk_iam_server_certificate.sources.ssm import FromParameter

_KEY_IN_APP = Problem(
    "it stands in the app or in a file, from where it would come into the template.",
    "Store it with the command 'server-certificate store', or in a secret or a SecureString"
    " parameter, and give it with PrivateKeySource.from_secret or .from_parameter.",
)


class CertificateSource(FromLiteral, FromSecret, FromParameter, FromBucket):
    """
    Where a certificate or a chain comes from. Made by its factories.

    Texts and files are PEM, DER or PKCS#7 and judged when the app is synthesised, what the function
    reads is judged at deploy time. What is wrong with a source stops the synthesis, under the path
    of the certificate that uses it and with all other findings of the app.
    """

    __slots__ = ()


class PrivateKeySource(FromSecret, FromParameter):
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
        return PrivateKeySource(Source(problem=_KEY_IN_APP))

    @staticmethod
    def from_file(_: object = None) -> PrivateKeySource:
        """Refuse a file, which is not read; see ``from_text``."""
        return PrivateKeySource(Source(problem=_KEY_IN_APP))


class BundleSource(FromSecret, FromBucket):
    """
    Where certificate, private key and perhaps chain come from in one. Made by its factories.

    Only the function reads it: PKCS#12, PEM, or the JSON that ``server-certificate store`` writes.
    PKCS#12 is stored in a secret as binary. What it lacks, chain or private key, can come separately.
    Whoever may read an object of S3 has the private key in
    it, unless a passphrase keeps it. What is wrong with a source stops the synthesis, under the path
    of the certificate that uses it.
    """

    __slots__ = ()


class PassphraseSource(FromSecret, FromParameter):
    """
    Where the passphrase of a bundle or of an encrypted private key comes from. Made by its factories.

    Only the function reads it. The first line counts; a byte order mark before it is left out. What is wrong with a source stops the synthesis,
    under the path of the certificate that uses it.
    """

    __slots__ = ()

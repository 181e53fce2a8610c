"""The sources of certificates, private keys, bundles and passphrases."""

from __future__ import annotations

from cdk_iam_server_certificate.sources.literals import FromLiteral
from cdk_iam_server_certificate.sources.s3 import FromBucket
from cdk_iam_server_certificate.sources.secrets_manager import FromSecret
from cdk_iam_server_certificate.sources.source import Problem, Source
from cdk_iam_server_certificate.sources.ssm import FromParameter
from server_certificate.reading.rules import SECRET_IN_TEMPLATE

_KEY_IN_APP = Problem(
    "a private key from a text or a file would become part of the template.",
    "Store it with the command 'server-certificate store', or in a secret or a SecureString"
    " parameter, and pass it with PrivateKeySource.from_secret or .from_parameter.",
    SECRET_IN_TEMPLATE,
)


class CertificateSource(FromLiteral, FromSecret, FromParameter, FromBucket):
    """
    The source of a certificate or a chain. Create it with one of the ``from_…`` methods.

    The format is PEM, DER or PKCS#7. Texts and files are checked at synth. Secrets, parameters and
    S3 objects are read by the function and checked at deploy time. An invalid source stops the
    synthesis. It is reported under the path of the certificate that uses it, together with all
    other findings of the app.
    """

    __slots__ = ()


class PrivateKeySource(FromSecret, FromParameter):
    """
    The source of a private key. Create it with ``from_secret`` or ``from_parameter``.

    The format is PEM or DER. DER is binary, or text in base64. Only the function reads it, when it
    uploads the certificate. A secret whose value the app itself contains stops the synthesis,
    because the value would be in the template, and so does a parameter that the app creates. An
    invalid source stops the synthesis, too. It is reported under the path of the certificate that
    uses it.
    """

    __slots__ = ()

    @staticmethod
    def from_text(_: object = None) -> PrivateKeySource:
        """
        Stop the synthesis, because the private key would become part of the template.

        The text is discarded, and the message explains what to do instead: ``server-certificate
        store`` stores a private key in a secret, which you pass with ``from_secret``.
        """
        return PrivateKeySource(Source(problem=_KEY_IN_APP))

    @staticmethod
    def from_file(_: object = None) -> PrivateKeySource:
        """Stop the synthesis without reading the file. See ``from_text``."""
        return PrivateKeySource(Source(problem=_KEY_IN_APP))


class BundleSource(FromSecret, FromBucket):
    """
    The source of a bundle. Create it with ``from_secret`` or ``from_bucket``.

    A bundle contains the certificate, and usually the private key and the chain. The format is
    PKCS#12, PEM, or the JSON that ``server-certificate store`` writes. PKCS#12 in a secret is
    binary data, or text in base64. Only the function reads it. If the bundle lacks the chain or the
    private key, pass them separately. Without a passphrase, anyone who can read the S3 object gets
    the private key. A secret or an object whose value the app itself contains stops the synthesis,
    and so does an invalid source. It is reported under the path of the certificate that uses it.
    """

    __slots__ = ()


class PassphraseSource(FromSecret, FromParameter):
    """
    The source of a passphrase. Create it with ``from_secret`` or ``from_parameter``.

    The passphrase decrypts a bundle or a private key. Only the function reads it. The passphrase is
    the first line, without a byte order mark. An invalid source stops the synthesis. It is reported
    under the path of the certificate that uses it.
    """

    __slots__ = ()

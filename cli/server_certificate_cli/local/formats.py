"""The formats of ``convert`` that have everything in one file: PKCS#12, and the JSON of ``store``."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from server_certificate.reading.documents.json_bundle import write_json_bundle
from server_certificate_cli.errors import CommandError
from server_certificate_cli.questions import ask, can_ask
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from server_certificate.material import PrivateKey, PublicMaterial
    from server_certificate_cli.local.passphrases import PassphraseSource


def new_passphrase(source: PassphraseSource) -> str:
    """
    Return the passphrase for a new file, from its source, or from the user, who types it twice.

    Raises:
        click.UsageError: There is neither a source nor a terminal.
        CommandError: The source can't be used, or the user typed nothing, or not the same.
    """
    if given := source.read():
        return given.text
    if not can_ask():
        raise usage_error(
            "--format pkcs12 requires a passphrase for the new file. Add --output-passphrase-file or"
            " --output-passphrase-env."
        )
    answer = ask("Passphrase for the new file")
    if not answer:
        raise CommandError("Nothing was written, because no passphrase was typed.")
    if ask("The same passphrase again") != answer:
        raise CommandError("Nothing was written, because the passphrases differ.")
    return answer


def as_json(public: PublicMaterial, key: PrivateKey) -> str:
    """Return the JSON that ``store`` writes to a secret."""
    text = write_json_bundle(
        certificate=public.certificate_pem, chain=public.chain_pem, private_key=key.pem
    )
    return f"{text}\n"


def as_pkcs12(public: PublicMaterial, key: PrivateKey, passphrase: str) -> bytes:
    """
    Return a PKCS#12 bundle, encrypted with AES-256.

    Raises:
        CommandError: The library can't write one of the certificates.
    """
    try:
        leaf, *chain = (x509.load_der_x509_certificate(der) for der in public.der)
        return pkcs12.serialize_key_and_certificates(
            None,
            cast("pkcs12.PKCS12PrivateKeyTypes", key.key),
            leaf,
            chain or None,
            BestAvailableEncryption(passphrase.encode()),
        )
    except (TypeError, ValueError) as err:
        raise CommandError(
            "Nothing was written, because a PKCS#12 bundle can't hold this certificate or key. Use"
            " --format pem."
        ) from err

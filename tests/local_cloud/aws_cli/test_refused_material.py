"""Certificates, keys and chains that IAM refuses."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.authority import Fault, self_signed
from dev.certificates.forms import PASSPHRASE
from support.refusals import Refusal
from support.uploads import upload, upload_of, upload_with_chain

if TYPE_CHECKING:
    from tests.local_cloud.aws_cli.conftest import CommandLine
    from types_boto3_iam import IAMClient

    from support.refusals import Parameters
    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

UNPARSABLE = "Unable to parse certificate. Please ensure the certificate is in PEM format."
CHAIN = (
    "Unable to validate certificate chain. The certificate chain must start with the immediate "
    "signing certificate, followed by any intermediaries in order. The index within the chain of "
    "the invalid certificate is: {}"
)


def _impostor(certificates: Certificates) -> dict[str, Any]:
    return certificates.upload_parameters(
        CertificateBody=certificates.leaf.pem,
        PrivateKey=certificates.leaf.key_pem(),
        CertificateChain=certificates.intermediate.namesake().pem,
    )


def _text_before_chain(certificates: Certificates) -> dict[str, Any]:
    return certificates.upload_parameters(
        CertificateBody=certificates.leaf.pem,
        PrivateKey=certificates.leaf.key_pem(),
        CertificateChain=f"subject=CN = Intermediate\n{certificates.intermediate.pem}",
    )


def malformed(about: str, parameters: Parameters, text: str = UNPARSABLE) -> Refusal:
    """Write a row for a certificate that IAM refuses."""
    return Refusal(about, "upload", parameters, "MalformedCertificate", 400, text)


REFUSALS = (
    Refusal(
        "key-of-another-certificate",
        "upload",
        upload(PrivateKey=lambda it: it.leaf.key_pem()),
        "KeyPairMismatch",
        400,
        "The public key certificate and the private key do not match.",
    ),
    malformed("body-is-no-pem", upload(CertificateBody="certificate")),
    malformed("body-is-a-file-name", upload(CertificateBody="file://Certificate.pem")),
    malformed(
        "body-is-base64-of-pem",
        upload(CertificateBody=lambda it: base64.b64encode(it.self_signed.pem.encode()).decode()),
    ),
    malformed(
        "body-has-no-armor",
        upload(CertificateBody=lambda it: it.self_signed.pem.split("-----")[2]),
    ),
    malformed(
        "body-is-cut-off",
        upload(CertificateBody=lambda it: it.self_signed.pem[:300]),
    ),
    malformed(
        "body-lost-its-line-ends",
        upload(CertificateBody=lambda it: it.self_signed.pem.replace("\n", " ")),
    ),
    malformed(
        "body-with-text-before",
        upload(CertificateBody=lambda it: f"subject=CN = x\n{it.self_signed.pem}"),
    ),
    malformed("body-is-a-key", upload(CertificateBody=lambda it: it.self_signed.key_pem())),
    malformed("key-is-no-pem", upload(PrivateKey="key")),
    malformed("key-is-a-certificate", upload(PrivateKey=lambda it: it.self_signed.pem)),
    malformed(
        "key-encrypted-pkcs8",
        upload(PrivateKey=lambda it: it.self_signed.key_pem(password=PASSPHRASE)),
    ),
    malformed(
        "key-encrypted-traditional",
        upload(PrivateKey=lambda it: it.self_signed.key_pem("sec1", password=PASSPHRASE)),
    ),
    malformed("chain-is-no-pem", upload(CertificateChain="chain")),
    malformed(
        "not-yet-valid",
        upload_of(lambda it: self_signed(at=it.at, not_before=it.at + timedelta(hours=1))),
    ),
    malformed(
        "expired",
        upload_of(lambda it: self_signed(at=it.at, fault=Fault.EXPIRED)),
        "Certificate is no longer valid. "
        "The 'Not After' date restriction on the certificate has passed.",
    ),
    malformed(
        "chain-starts-with-root",
        upload_with_chain("leaf", "root", "intermediate"),
        CHAIN.format(-1),
    ),
    malformed("chain-is-unrelated", upload_with_chain("leaf", "self_signed"), CHAIN.format(-1)),
    malformed("chain-forged", _impostor, CHAIN.format(-1)),
    malformed(
        "chain-contains-the-leaf",
        upload_with_chain("leaf", "intermediate", "leaf", "root"),
        CHAIN.format(0),
    ),
    malformed(
        "chain-goes-on-after-root",
        upload_with_chain("leaf", "intermediate", "root", "leaf"),
        CHAIN.format(1),
    ),
    malformed("chain-with-text-before", _text_before_chain, CHAIN.format(0)),
)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.about) for row in REFUSALS])
def test_refusals(
    row: Refusal, aws: CommandLine, iam: IAMClient, certificates: Certificates
) -> None:
    """Material that IAM can't use is refused with its code, its HTTP status and its text."""
    row.check(aws, iam, certificates)

"""What IAM takes, and how it keeps it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.authority import Fault, self_signed, to_pem
from dev.certificates.keys import KeyType
from support.uploads import upload, upload_of, upload_with_chain

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.local_cloud.aws_cli.conftest import CommandLine

    from support.uploads import Certificates, Parameters

pytestmark = pytest.mark.local_cloud


@dataclass(frozen=True)
class Acceptance:
    """One row: an upload that IAM takes, and what it stores."""

    about: str
    parameters: Parameters
    body: Callable[[Certificates], str] | None = None
    chain: Callable[[Certificates], str] | None = field(default=None)


def _self_signed(key_type: KeyType) -> Parameters:
    return upload_of(lambda it: self_signed(at=it.at, key_type=key_type))


def _rsa_pkcs1(certificates: Certificates) -> dict[str, Any]:
    made = self_signed(at=certificates.at, key_type=KeyType.RSA)
    return certificates.upload_parameters(
        CertificateBody=made.pem, PrivateKey=made.key_pem("pkcs1")
    )


def _bundle_as_body(certificates: Certificates) -> dict[str, Any]:
    return certificates.upload_parameters(
        CertificateBody=certificates.leaf.fullchain_pem(),
        PrivateKey=certificates.leaf.key_pem(),
        CertificateChain=certificates.root.pem,
    )


def _crlf(certificates: Certificates) -> dict[str, Any]:
    leaf = certificates.leaf
    return certificates.upload_parameters(
        CertificateBody=leaf.pem.replace("\n", "\r\n"),
        PrivateKey=leaf.key_pem().replace("\n", "\r\n"),
        CertificateChain=leaf.chain_pem().replace("\n", "\r\n"),
    )


ACCEPTANCES = (
    Acceptance("pkcs8-key", upload()),
    Acceptance("sec1-key", upload(PrivateKey=lambda it: it.self_signed.key_pem("sec1"))),
    Acceptance("pkcs1-key", _rsa_pkcs1),
    Acceptance("valid-since-now", upload_of(lambda it: self_signed(at=it.at, not_before=it.at))),
    Acceptance("self-signed-authority", upload_of(lambda it: it.root)),
    Acceptance("self-signed-no-authority", upload()),
    Acceptance(
        "self-signed-with-itself-as-chain",
        upload_with_chain("self_signed", "self_signed"),
        chain=lambda it: it.self_signed.pem,
    ),
    Acceptance("issued-without-chain", upload_of(lambda it: it.leaf)),
    Acceptance(
        "chain-without-root",
        upload_with_chain("leaf", "intermediate"),
        chain=lambda it: it.intermediate.pem,
    ),
    Acceptance(
        "chain-of-root-only",
        upload_with_chain("intermediate", "root"),
        chain=lambda it: it.root.pem,
    ),
    Acceptance(
        "chain-with-root-at-end",
        upload_with_chain("leaf", "intermediate", "root"),
        chain=lambda it: to_pem(it.intermediate, it.root),
    ),
    Acceptance(
        "several-certificates-as-body",
        _bundle_as_body,
        body=lambda it: it.leaf.pem,
        chain=lambda it: to_pem(it.intermediate, it.root),
    ),
    Acceptance(
        "crlf",
        _crlf,
        body=lambda it: it.leaf.pem,
        chain=lambda it: to_pem(it.intermediate, it.root),
    ),
    Acceptance("no-line-end", upload(CertificateBody=lambda it: it.self_signed.pem.rstrip("\n"))),
    Acceptance(
        "white-space-at-the-end",
        upload(CertificateBody=lambda it: f"{it.self_signed.pem.rstrip()} \n\n \n"),
        body=lambda it: it.self_signed.pem,
    ),
    Acceptance("rsa-1024", _self_signed(KeyType.RSA_1024)),
    Acceptance("rsa-3072", _self_signed(KeyType.RSA_3072)),
    Acceptance("rsa-4096", _self_signed(KeyType.RSA_4096)),
    Acceptance("ec-p224", _self_signed(KeyType.P224)),
    Acceptance("ec-p384", _self_signed(KeyType.P384)),
    Acceptance("ec-p521", _self_signed(KeyType.P521)),
    Acceptance(
        "longest-name-and-path",
        upload(ServerCertificateName="x" * 128, Path=f"/{'x' * 510}/"),
    ),
)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.about) for row in ACCEPTANCES])
def test_acceptances(row: Acceptance, aws: CommandLine, certificates: Certificates) -> None:
    """What IAM takes is taken, and comes back in the form in which IAM keeps it."""
    parameters = row.parameters(certificates)
    uploaded, certificate = _uploaded(aws, parameters)

    body = row.body(certificates) if row.body else parameters["CertificateBody"]
    chain = row.chain(certificates).rstrip("\n") if row.chain else None
    assert certificate["CertificateBody"] == body.rstrip("\n")
    assert certificate.get("CertificateChain") == chain
    assert certificate["ServerCertificateMetadata"] == uploaded["ServerCertificateMetadata"]
    assert certificate["Tags"] == []
    assert "Tags" not in uploaded


def test_sha1_signatures_are_verified(aws: CommandLine, certificates: Certificates) -> None:
    """A certificate signed with SHA-1 is taken, and so is a chain of them."""
    made = self_signed(at=certificates.at, key_type=KeyType.RSA, fault=Fault.SHA1)
    parameters = certificates.upload_parameters(
        CertificateBody=made.pem, PrivateKey=made.key_pem(), CertificateChain=made.pem
    )
    uploaded, certificate = _uploaded(aws, parameters)
    assert uploaded["ServerCertificateMetadata"]["Path"] == "/"
    assert certificate["CertificateChain"] == made.pem.rstrip("\n")


def _uploaded(
    aws: CommandLine, parameters: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the answer to an upload, and the certificate as it is stored."""
    (aws.folder / "input.json").write_text(json.dumps(parameters))
    uploaded = aws.json("aws iam upload-server-certificate --cli-input-json file://input.json")
    name = parameters["ServerCertificateName"]
    found = aws.json(f"aws iam get-server-certificate --server-certificate-name {name}")
    return uploaded, found["ServerCertificate"]

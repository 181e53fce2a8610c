"""A chain is stored in the template or in S3, depending on its length."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dev.certificates.authority import Authority
from support.sources import parts_of, readable

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import App, Stack

    from cdk_iam_server_certificate import ServerCertificate
    from dev.certificates.authority import Issued

    Certify = Callable[..., ServerCertificate]


def _long_chain() -> Issued:
    authority = Authority.root(at=datetime.now(UTC))
    for number in range(32):
        authority = authority.intermediate(f"Example Intermediate {number}")
    return authority.leaf("www.example.com")


def test_long_chain_goes_as_an_asset(app: App, stack: Stack, certify: Certify) -> None:
    """A long chain is an asset, and the function can read it."""
    issued = _long_chain()
    assert len(issued.chain_pem()) > 16_384
    certify(stack, issued=issued)
    source = parts_of(stack)["CertificateChain"]
    assert set(source) == {"BucketName", "ObjectKey"}
    assert readable(stack).keys() == {"secretsmanager:GetSecretValue", "s3:GetObject"}
    assert source["ObjectKey"] in str(readable(stack)["s3:GetObject"])
    directory = Path(app.synth().directory)
    digest = source["ObjectKey"].removesuffix(".pem")
    staged = directory / f"asset.{digest}.pem"
    assert staged.read_text(encoding="ascii") == issued.chain_pem()


def test_chain_of_ordinary_length_stays_in_the_template(
    stack: Stack, certify: Certify, leaf: Issued
) -> None:
    """A short chain stays in the template."""
    certify(stack)
    assert parts_of(stack)["CertificateChain"] == {"Text": leaf.chain_pem()}

"""
Run the Python blocks of a page: each in a stack of its own, with real material in the folder.

Tests that a block defines are called, once for each of their parameters.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aws_cdk
from aws_cdk import App, Environment, Stack, aws_ec2, aws_kms, aws_s3, aws_secretsmanager, aws_ssm
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7

import cdk_iam_server_certificate
from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)
from dev.certificates.authority import Authority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pytest

    from support.code_blocks import Block

ENVIRONMENT: Final = Environment(account="111122223333", region="eu-central-1")
PASSPHRASE: Final = "correct horse battery staple"  # noqa: S105 - of files that no one keeps
SERVICES: Final = {
    "cloudfront": "aws_cloudfront",
    "ec2": "aws_ec2",
    "elasticbeanstalk": "aws_elasticbeanstalk",
    "elb": "aws_elasticloadbalancing",
    "elbv2": "aws_elasticloadbalancingv2",
    "kms": "aws_kms",
    "origins": "aws_cloudfront_origins",
    "s3": "aws_s3",
    "secretsmanager": "aws_secretsmanager",
    "ssm": "aws_ssm",
}
"""The CDK's modules by the names that the pages import them under."""

_TEST: Final = re.compile(r"^def (test_\w+)\(", re.MULTILINE)


class BlockError(AssertionError):
    """A block doesn't do what the page says."""


def furnish(folder: Path) -> Path:
    """Write the files that the pages name into a folder, and return it."""
    now = datetime.now(UTC)
    authority = Authority.root(at=now).intermediate()
    leaf = authority.leaf("www.example.com")
    old = Authority.root(at=now - timedelta(days=400)).intermediate().leaf("www.example.com")
    chain = leaf.chain_pem(root=False)
    texts = {
        "certificate.pem": leaf.pem,
        "certificate-chain.pem": chain,
        "private-key.pem": leaf.key_pem(),
        "www.crt": leaf.pem,
        "www.key": leaf.key_pem(),
        "fullchain.pem": leaf.fullchain_pem(),
        "passphrase.txt": f"{PASSPHRASE}\n",
        "old.pem": old.pem,
    }
    certificates = folder / "certificates"
    certificates.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text)
        (certificates / name).write_text(text)
    for place in (folder, certificates):
        (place / "www.pfx").write_bytes(leaf.pkcs12(PASSPHRASE))
    bundle = pkcs7.serialize_certificates(list(leaf.chain()), serialization.Encoding.PEM)
    (folder / "ca-bundle.p7b").write_bytes(bundle)
    return folder


def run_page(blocks: Iterable[Block]) -> None:
    """
    Run blocks from top to bottom in the current folder, and synthesize what they declare.

    Raises:
        BlockError: A block fails, or one that should fail doesn't.
    """
    known: dict[str, Any] = {"__name__": "a_page"}
    app: App | None = None
    last: Block | None = None
    for block in blocks:
        if "file" in block.marks:
            compile(block.text, block.place, "exec")
            continue
        if "continues" not in block.marks:
            _synthesize(app, last)
            folder = str(Path("cdk.out", str(block.line)).absolute())
            app = App(outdir=folder, context={"aws:cdk:bundling-stacks": []})
            known["self"] = Stack(app, "Pages", env=ENVIRONMENT)
            known["app"] = app
        known |= given(block.marks.get("given", ""), known["self"])
        _run(block, known)
        last = block
        if "fails" in block.marks:
            app = None
    _synthesize(app, last)


def given(names: str, stack: Stack) -> dict[str, Any]:
    """Return what a mark asks for, by name."""
    found: dict[str, Any] = {}
    for name in filter(None, (each.strip() for each in names.split(","))):
        found |= _imports() if name == "imports" else {name: _GIVEN[name](stack)}
    return found


def _run(block: Block, known: dict[str, Any]) -> None:
    # Lines of a traceback are those of the page.
    code = "\n" * (block.line - 1) + block.text
    expected = block.marks.get("fails")
    try:
        exec(compile(code, block.page, "exec"), known)  # noqa: S102 - that is what pages are for
        for name in _TEST.findall(block.text):
            _call_test(known[name])
        if expected is not None:
            known["self"].node.root.synth()
    except Exception as error:
        if expected is None:
            raise BlockError(f"{block.place}: {type(error).__name__}: {error}") from error
        if expected not in " ".join(str(error).split()):
            raise BlockError(f"{block.place}: fails without {expected!r}: {error}") from error
        return
    if expected is not None:
        raise BlockError(f"{block.place}: does not fail")


def _call_test(test: Callable[..., None]) -> None:
    marks: list[pytest.Mark] = getattr(test, "pytestmark", [])
    for name, values in (each.args for each in marks if each.name == "parametrize"):
        for value in values:
            test(**{name: value})
    if not any(each.name == "parametrize" for each in marks):
        test()


def _synthesize(app: App | None, block: Block | None) -> None:
    if app is None or block is None:
        return
    own, *others = app.node.children
    if not own.node.children and not others:
        return
    try:
        app.synth()
    except Exception as error:
        raise BlockError(f"{block.place}: the synthesis fails: {error}") from error


def _imports() -> dict[str, Any]:
    public = cdk_iam_server_certificate.__all__
    names = ("App", "CfnOutput", "Duration", "Environment", "RemovalPolicy", "Stack", "Tags")
    return {
        **{name: getattr(cdk_iam_server_certificate, name) for name in public},
        **{name: getattr(aws_cdk, name) for name in names},
        **{name: getattr(aws_cdk, module) for name, module in SERVICES.items()},
    }


def _vpc(stack: Stack) -> aws_ec2.IVpc:
    found = stack.node.try_find_child("GivenVpc")
    return found or aws_ec2.Vpc(stack, "GivenVpc", nat_gateways=0)  # type: ignore[return-value]


def _secret(stack: Stack) -> aws_secretsmanager.ISecret:
    named = aws_secretsmanager.Secret.from_secret_name_v2
    found = stack.node.try_find_child("GivenSecret")
    return found or named(stack, "GivenSecret", "www/private-key")  # type: ignore[return-value]


def _material(stack: Stack) -> CertificateMaterial:
    return CertificateMaterial.from_parts(
        certificate=CertificateSource.from_file("certificate.pem"),
        chain=CertificateSource.from_file("certificate-chain.pem"),
        private_key=PrivateKeySource.from_secret(_secret(stack)),
    )


_GIVEN: Final[dict[str, Callable[[Stack], Any]]] = {
    "bucket": lambda stack: aws_s3.Bucket.from_bucket_name(stack, "GivenBucket", "www-material"),
    "certificate": lambda stack: ServerCertificate(
        stack, "GivenCertificate", material=_material(stack)
    ),
    "key": lambda stack: aws_kms.Key(stack, "GivenKey"),
    "load_balancer": lambda stack: elbv2.ApplicationLoadBalancer(
        stack, "GivenLoadBalancer", vpc=_vpc(stack)
    ),
    "material": _material,
    "parameter": lambda stack: aws_ssm.StringParameter.from_secure_string_parameter_attributes(
        stack, "GivenParameter", parameter_name="/www/private-key"
    ),
    "secret": _secret,
    "vpc": _vpc,
}
"""What makes the things that a mark can ask for, by name."""

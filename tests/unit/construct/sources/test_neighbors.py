"""Each argument of each factory refuses wrong types, empty values and its neighbors' values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Aws, Stack, Token
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm

from cdk_iam_server_certificate import (
    BundleSource,
    CertificateMaterial,
    CertificateSource,
    PassphraseSource,
    PrivateKeySource,
)
from cdk_iam_server_certificate.material import problems_of
from support.sources import KMS_ARN, parameter, secret, secret_arn

if TYPE_CHECKING:
    from collections.abc import Callable

STACK = Stack(App(), "Neighbors")
SECRET = secret(STACK, "any")
PARAMETER = parameter(STACK, "/any")
BUCKET = s3.Bucket.from_bucket_name(STACK, "Bucket", "tls")
KEY = kms.Key.from_key_arn(STACK, "Key", KMS_ARN)

VALUES: dict[str, object] = {
    "none": None,
    "zero": 0,
    "number": 7,
    "float": 1.5,
    "true": True,
    "empty": "",
    "text": "www",
    "arn": secret_arn("any"),
    "token": Aws.STACK_NAME,
    "number token": Token.as_number({"Ref": "Number"}),
    "bytes": b"www",
    "list": ["www"],
    "dictionary": {"a": "b"},
    "object": object(),
    "class": Stack,
    "path": Path("missing.pem"),
    "null byte": "a\0b",
    "secret": SECRET,
    "parameter": PARAMETER,
    "bucket": BUCKET,
    "KMS key": KEY,
    "L1 secret": secretsmanager.CfnSecret(STACK, "L1Secret"),
    "L1 parameter": ssm.CfnParameter(STACK, "L1Parameter", type="String", value="v"),
    "stack": STACK,
    "source": CertificateSource.from_secret(SECRET),
}
TEXTS = {"text", "arn", "token", "null byte"}
OPTIONAL_TEXTS = {"none", *TEXTS}

FACTORIES: dict[str, tuple[Callable[..., Any], dict[str, object], dict[str, set[str]]]] = {
    "from_secret": (
        CertificateSource.from_secret,
        {"secret": SECRET},
        {
            "secret": {"secret"},
            "json_field": OPTIONAL_TEXTS,
            "version_id": OPTIONAL_TEXTS,
            "version_stage": OPTIONAL_TEXTS,
        },
    ),
    "from_parameter": (
        PrivateKeySource.from_parameter,
        {"parameter": PARAMETER},
        {
            "parameter": {"parameter"},
            "json_field": OPTIONAL_TEXTS,
            "version": {"none", "number"},
            "encryption_key": {"none", "KMS key"},
        },
    ),
    "from_bucket": (
        BundleSource.from_bucket,
        {"bucket": BUCKET, "key": "www.pfx"},
        {"bucket": {"bucket"}, "key": TEXTS, "object_version": OPTIONAL_TEXTS},
    ),
    "from_text": (CertificateSource.from_text, {}, {"text": {"token"}}),
    "from_file": (CertificateSource.from_file, {}, {"path": set()}),
}
"""The factories with their required arguments, and the names of the values that each argument accepts."""


@pytest.mark.parametrize(
    ("factory", "argument"),
    [(name, argument) for name, (_, _, accepted) in FACTORIES.items() for argument in accepted],
)
def test_argument_of_a_factory(factory: str, argument: str) -> None:
    """What an argument doesn't accept is a problem of the source, and never a raw error."""
    make, required, accepted = FACTORIES[factory]
    refused = set()
    for name, value in VALUES.items():
        source = make(**{**required, argument: value})._source
        # What the checks of the certificate read at synth is refused there, unless it is a certificate.
        if source.problem is not None or source.given is not None:
            refused.add(name)
    assert refused == {*VALUES} - accepted[argument]


@pytest.mark.parametrize(
    ("create", "part", "accepted"),
    [
        (CertificateMaterial.from_parts, "certificate", {"source"}),
        (CertificateMaterial.from_parts, "private_key", set()),
        (CertificateMaterial.from_parts, "chain", {"none", "source"}),
        (CertificateMaterial.from_parts, "passphrase", {"none"}),
        (CertificateMaterial.from_bundle, "bundle", set()),
        (CertificateMaterial.from_bundle, "chain", {"none", "source"}),
        (CertificateMaterial.from_bundle, "private_key", {"none"}),
        (CertificateMaterial.from_bundle, "passphrase", {"none"}),
    ],
)
def test_part_of_the_material(create: Any, part: str, accepted: set[str]) -> None:  # noqa: ANN401 (two functions)
    """What isn't the right kind of source is a problem of the material, and never a raw error."""
    required: dict[str, object] = (
        {
            "certificate": CertificateSource.from_secret(SECRET),
            "private_key": PrivateKeySource.from_secret(SECRET),
        }
        if create is CertificateMaterial.from_parts
        else {"bundle": BundleSource.from_secret(SECRET)}
    )
    refused = {
        name for name, value in VALUES.items() if problems_of(create(**{**required, part: value}))
    }
    assert refused == {*VALUES} - accepted


@pytest.mark.parametrize(
    ("make", "fix"),
    [
        (lambda: PassphraseSource.from_secret(PARAMETER), "Use PassphraseSource.from_parameter."),
        (lambda: PrivateKeySource.from_parameter(SECRET), "Use PrivateKeySource.from_secret."),
        (lambda: BundleSource.from_secret(BUCKET), "Use BundleSource.from_bucket."),
        (lambda: BundleSource.from_secret(PARAMETER), "Import it with Secret.from_secret_name_v2"),
        (lambda: CertificateSource.from_text("www.pem"), "Read the file with CertificateSource."),
        (lambda: CertificateSource.from_file("-----BEGIN CERTIFICATE-----"), "use from_text."),
    ],
)
def test_fix_names_the_factory(make: Callable[[], Any], fix: str) -> None:
    """A value that another factory accepts is refused with the name of that factory."""
    assert fix in make()._source.problem.fix

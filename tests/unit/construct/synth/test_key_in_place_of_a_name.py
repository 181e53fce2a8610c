"""A private key instead of a name, path, tag or id is an error, and is never quoted or deployed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Tags
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager

from cdk_iam_server_certificate import (
    BundleSource,
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)
from dev.certificates.authority import self_signed
from dev.certificates.keys import KeyType
from support.sources import parameter, secret
from support.stacks import report_of, with_certificate

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import App, Stack

    from dev.certificates.authority import Issued

    Certify = Callable[..., ServerCertificate]

PEM = self_signed(key_type=KeyType.RSA).key_pem()
LINES = PEM.splitlines()[1:-1]
FORMS = {
    "PEM": PEM,
    "without armor": "".join(LINES),
    "damaged": PEM.replace("-----BEGIN", "--BEGIN"),
}


def assert_kept(app: App, report: str) -> None:
    """Assert that neither the report nor the templates contain a line of the key."""
    templates = app.synth(skip_validation=True, force=True).stacks
    written = report + "".join(json.dumps(each.template) for each in templates)
    assert not [line for line in LINES if line[:32] in written]


@pytest.mark.parametrize("key", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(
    ("argument", "make"),
    [
        ("server_certificate_name", lambda key: {"server_certificate_name": key}),
        ("path", lambda key: {"path": key}),
        ("path", lambda key: {"path": key.encode()}),
        ("acknowledge", lambda key: {"acknowledge": [key]}),
        ("acknowledge", lambda key: {"acknowledge": key}),
    ],
)
def test_in_an_argument(
    app: App, stack: Stack, certify: Certify, key: str, argument: str, make: Callable[[str], Any]
) -> None:
    """An argument that contains a private key is named, but not quoted."""
    certify(stack, **make(key))
    report = report_of(app)
    assert f"[Web/Certificate] {argument}: " in report
    assert_kept(app, report)


@pytest.mark.parametrize(
    "make",
    [
        lambda stack: PrivateKeySource.from_secret(secret(stack, "any"), json_field=PEM),
        lambda stack: PrivateKeySource.from_secret(secret(stack, "any"), version_id=PEM),
        lambda stack: PrivateKeySource.from_secret(secret(stack, "any"), version_stage=PEM),
        lambda stack: PrivateKeySource.from_secret(
            secretsmanager.Secret.from_secret_name_v2(stack, "Named", PEM)
        ),
        lambda stack: PrivateKeySource.from_parameter(parameter(stack, "/any"), json_field=PEM),
    ],
)
def test_in_a_source_of_the_key(
    app: App, stack: Stack, certify: Certify, leaf: Issued, make: Callable[[Stack], Any]
) -> None:
    """A private key instead of a field, a version or a secret's name is an error."""
    certify(
        stack,
        material=CertificateMaterial.from_parts(
            certificate=CertificateSource.from_text(leaf.fullchain_pem(root=True)),
            private_key=make(stack),
        ),
    )
    report = report_of(app)
    assert "[Web/Certificate] private-key: its " in report
    assert_kept(app, report)


@pytest.mark.parametrize("arguments", [{"key": PEM}, {"key": "k", "object_version": PEM}])
def test_in_an_object(app: App, stack: Stack, certify: Certify, arguments: dict[str, str]) -> None:
    """A private key instead of an object key or version is an error."""
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "tls")
    bundle = BundleSource.from_bucket(bucket, **arguments)
    certify(stack, material=CertificateMaterial.from_bundle(bundle))
    report = report_of(app)
    assert "[Web/Certificate] bundle: its " in report
    assert_kept(app, report)


def test_in_place_of_a_file(app: App, stack: Stack, certify: Certify, leaf: Issued) -> None:
    """The content of a file instead of its path is an error that says so."""
    certify(stack, material=with_certificate(stack, CertificateSource.from_file(PEM), leaf))
    report = report_of(app)
    assert "[Web/Certificate] certificate: its path: it contains a private key" in report
    assert_kept(app, report)


@pytest.mark.parametrize("tag", [(PEM, "value"), ("key", PEM)])
def test_in_a_tag(app: App, stack: Stack, certify: Certify, tag: tuple[str, str]) -> None:
    """Neither the key nor the value of a tag is quoted."""
    Tags.of(certify(stack)).add(*tag)
    report = report_of(app)
    assert "[Web/Certificate] tags: " in report
    assert not [line for line in LINES if line[:32] in report]


def test_in_an_id_or_an_import(stack: Stack, certify: Certify) -> None:
    """Ids, ARNs and the names of imports end in an error that quotes nothing."""
    for refused in (
        lambda: certify(stack, PEM),
        lambda: ServerCertificate.from_server_certificate_arn(stack, PEM, "arn"),
        lambda: ServerCertificate.from_server_certificate_arn(stack, "A", PEM),
        lambda: ServerCertificate.from_server_certificate_attributes(
            stack, "B", server_certificate_name=PEM
        ),
        lambda: ServerCertificate.from_server_certificate_attributes(
            stack, "C", server_certificate_name="n", server_certificate_path=PEM
        ),
        lambda: ServerCertificate.from_server_certificate_attributes(
            stack, "D", server_certificate_name="n", server_certificate_id=PEM
        ),
    ):
        with pytest.raises(ValueError, match=r"private key|not shown") as caught:
            refused()
        assert not [line for line in LINES if line[:32] in repr(caught.value)]

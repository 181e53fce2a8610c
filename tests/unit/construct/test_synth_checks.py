"""Mistakes are found when the app is synthesised: all of them, with their construct path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Annotations, Match

from cdk_iam_server_certificate import CertificateMaterial, CertificateSource, PrivateKeySource
from support.certificates import Authority, Fault
from support.stacks import SECRET_ARN, material

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cdk_iam_server_certificate import ServerCertificate
    from support.certificates import Issued

    Certify = Callable[..., ServerCertificate]


def test_all_findings_of_all_certificates_at_once(
    app: App, stack: Stack, certify: Certify, authority: Authority, leaf: Issued
) -> None:
    """One synthesis reports every mistake of every certificate under its construct path."""
    certify(stack, "Expired", issued=authority.leaf(fault=Fault.EXPIRED), path="edge")
    certify(stack, "Named", server_certificate_name="a b")
    no_chain = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(leaf.pem),
        private_key=material(stack, "NoChain", leaf).private_key,
    )
    certify(stack, "Incomplete", material=no_chain)
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    report = str(caught.value)
    for part in (
        "[Web/Expired] path: 'edge' is not a path",
        "[Web/Expired] certificate: 'CN=www.example.com' expired on",
        "[Web/Named] name: 'a b'",
        "[Web/Incomplete] chain: ",
    ):
        assert part in report


def test_warning_is_an_annotation(stack: Stack, certify: Certify, authority: Authority) -> None:
    """What IAM takes and clients refuse is a warning that can be acknowledged."""
    stale = Authority.root(at=authority.at).intermediate(fault=Fault.EXPIRED)
    certify(stack, issued=stale.leaf())
    Annotations.from_stack(stack).has_warning(
        "/Web/Certificate",
        Match.string_like_regexp(
            r"chain\[0\].*ack: cdk-iam-server-certificate:chain-element-not-valid"
        ),
    )


def test_good_certificate_is_silent(app: App, stack: Stack, certify: Certify) -> None:
    """A certificate in order causes no message."""
    certify(stack)
    app.synth()
    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


@pytest.mark.parametrize("wrap", ["{key}", "{pem}{key}", "{key}{pem}"])
def test_private_key_among_certificates_is_refused_at_once(leaf: Issued, wrap: str) -> None:
    """A key in a certificate's text is refused before it can reach a template."""
    with pytest.raises(ValueError, match="holds a private key") as caught:
        CertificateSource.from_text(wrap.format(pem=leaf.pem, key=leaf.key_pem()))
    assert leaf.key_pem().splitlines()[1] not in str(caught.value)


def test_representations_show_no_text(leaf: Issued) -> None:
    """The repr of a source is short and names its origin."""
    assert leaf.pem.splitlines()[1] not in repr(CertificateSource.from_text(leaf.pem))


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (lambda _: None, "does not exist; the app runs in"),
        (lambda path: path.mkdir(), "is not a file"),
        (lambda path: path.write_bytes(b"\x30\x82\x01\x0a\xff"), "openssl x509 -inform DER"),
        (lambda path: path.write_bytes(b" " * (4 * 1024 * 1024 + 1)), "4,194,305 bytes"),
    ],
)
def test_unusable_file_is_explained(
    tmp_path: Path, prepare: Callable[[Path], object], sentence: str
) -> None:
    """A file that is missing, a directory, DER or too large is explained with its path."""
    path = tmp_path / "certificate.pem"
    prepare(path)
    with pytest.raises(ValueError, match="certificate file") as caught:
        CertificateSource.from_file(path)
    assert sentence in str(caught.value)
    assert str(path) in str(caught.value)


def test_file_is_read_like_text(tmp_path: Path, leaf: Issued) -> None:
    """A file gives its text, with a byte order mark or without."""
    path = tmp_path / "certificate.pem"
    path.write_text("\ufeff" + leaf.pem, encoding="utf-8")
    text = CertificateSource.from_file(path).text
    assert text is not None
    assert leaf.pem in text


def test_two_versions_of_a_secret_are_refused(stack: Stack) -> None:
    """A version id and a staging label both name a version."""
    secret = secretsmanager.Secret.from_secret_complete_arn(stack, "Key", SECRET_ARN)
    with pytest.raises(ValueError, match="give one of them"):
        PrivateKeySource.from_secret(secret, version_id="1", version_stage="AWSPREVIOUS")


def test_secret_options_are_rendered(stack: Stack) -> None:
    """Field and version reach the custom resource under the names of the contract."""
    secret = secretsmanager.Secret.from_secret_complete_arn(stack, "Key", SECRET_ARN)
    source = PrivateKeySource.from_secret(secret, json_field="privateKey", version_id="v" * 32)
    assert source.render() == {
        "SecretArn": SECRET_ARN,
        "JsonField": "privateKey",
        "VersionId": "v" * 32,
    }

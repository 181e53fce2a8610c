"""Mistakes are found when the app is synthesised: all of them, with their construct path."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Annotations, Match

from cdk_iam_server_certificate import CertificateMaterial, CertificateSource, PrivateKeySource
from support.certificates import Authority, Fault
from support.stacks import SECRET_ARN, material, with_certificate

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
def test_private_key_among_certificates_does_not_reach_the_template(
    app: App, stack: Stack, certify: Certify, leaf: Issued, wrap: str
) -> None:
    """A key in a certificate's text stops the synthesis, and is not there for anybody to write."""
    text = wrap.format(pem=leaf.pem, key=leaf.key_pem())
    source = CertificateSource.from_text(text)
    certify(stack, material=with_certificate(stack, source, leaf))
    unvalidated = app.synth(skip_validation=True).get_stack_by_name("Web").template
    with pytest.raises(RuntimeError, match="certificate: it holds a private key") as caught:
        app.synth(force=True)
    line = leaf.key_pem().splitlines()[1]
    assert line not in str(caught.value)
    assert line not in repr(source)
    assert line not in str(unvalidated)


def test_representations_show_no_text(leaf: Issued) -> None:
    """The repr of a source is short and names its origin."""
    assert leaf.pem.splitlines()[1] not in repr(CertificateSource.from_text(leaf.pem))


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (lambda _: None, "it does not exist; the app runs in"),
        (lambda path: path.mkdir(), "it is a folder or a device"),
        (os.mkfifo, "it is a folder or a device"),
        (lambda path: path.write_bytes(b"\x30\x82\x01\x0a\xff"), "openssl x509 -inform DER"),
        (lambda path: path.write_bytes(b" " * (4 * 1024 * 1024 + 1)), "4,194,305 bytes"),
        (lambda path: path.write_text("certificate.pem"), "it is a path or the name of a file"),
        (lambda path: path.write_text(""), "it is an empty text"),
    ],
)
def test_unusable_file_is_explained(
    app: App,
    stack: Stack,
    certify: Certify,
    leaf: Issued,
    tmp_path: Path,
    prepare: Callable[[Path], object],
    sentence: str,
) -> None:
    """A file that cannot be used is named with the reason, beside all other mistakes."""
    path = tmp_path / "certificate.pem"
    prepare(path)
    source = CertificateSource.from_file(path)
    certify(stack, material=with_certificate(stack, source, leaf), path="edge")
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    assert f"[Web/Certificate] certificate (file '{path}'): " in str(caught.value)
    assert sentence in str(caught.value)
    assert "path: 'edge'" in str(caught.value)
    assert "chain-missing" not in str(caught.value)


def test_unusable_chain_does_not_hide_the_leaf(
    app: App, stack: Stack, certify: Certify, authority: Authority, tmp_path: Path
) -> None:
    """A missing chain file is told beside an expired leaf, and the chain is not called missing, too."""
    expired = authority.leaf(fault=Fault.EXPIRED)
    path = tmp_path / "chain.pem"
    parts = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(expired.pem),
        chain=CertificateSource.from_file(path),
        private_key=material(stack, "Other", expired).private_key,
    )
    certify(stack, material=parts)
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    assert f"chain (file '{path}'): it does not exist" in str(caught.value)
    assert "expired on" in str(caught.value)
    assert "there is none that certifies" not in str(caught.value)


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

"""All errors are found at synth, and reported with the construct path."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Aws, Stack, Tags
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Annotations, Match

from cdk_iam_server_certificate import CertificateMaterial, CertificateSource, PrivateKeySource
from dev.certificates.authority import Authority, Fault, to_pkcs7
from support.stacks import SECRET_ARN, certificates_of, private_key, with_certificate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cdk_iam_server_certificate import ServerCertificate
    from dev.certificates.authority import Issued

    Certify = Callable[..., ServerCertificate]


def test_all_findings_of_all_certificates_at_once(
    app: App, stack: Stack, certify: Certify, authority: Authority, leaf: Issued
) -> None:
    """One synthesis reports the errors of all certificates, under their construct paths."""
    certify(stack, "Forged", issued=authority.leaf(fault=Fault.FORGED), path="edge")
    Tags.of(stack).add("a;b", "edge")
    certify(stack, "Named", server_certificate_name="a b")
    no_chain = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(leaf.pem),
        private_key=private_key(stack, "NoChain"),
    )
    certify(stack, "Incomplete", material=no_chain)
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    report = str(caught.value)
    for part in (
        "[Web/Forged] path: 'edge' is not a valid path",
        "[Web/Forged] tags: the key 'a;b'",
        "[Web/Forged] chain[0]: ",
        "[Web/Named] name: 'a b'",
        "[Web/Incomplete] chain: ",
    ):
        assert part in report


def test_warning_is_an_annotation(stack: Stack, certify: Certify, authority: Authority) -> None:
    """What IAM accepts but clients reject is a warning, which can be acknowledged."""
    stale = Authority.root(at=authority.at, fault=Fault.EXPIRED)
    certify(stack, issued=stale.leaf())
    Annotations.from_stack(stack).has_warning(
        "/Web/Certificate",
        Match.string_like_regexp(r"chain.*ack: cdk-iam-server-certificate:root-not-valid"),
    )


@pytest.mark.parametrize("fault", [Fault.EXPIRED, Fault.NOT_YET_VALID])
def test_validity_does_not_stop_the_synthesis(
    app: App, stack: Stack, certify: Certify, fault: Fault
) -> None:
    """An expired certificate is only a warning, so that its stack can still be destroyed."""
    at = datetime.now(UTC) + (timedelta(0) if fault is Fault.EXPIRED else timedelta(days=1))
    leaf = Authority.root(at=at).intermediate().leaf(fault=fault)
    certify(stack, issued=leaf)
    app.synth()
    Annotations.from_stack(stack).has_warning(
        "/Web/Certificate", Match.string_like_regexp("certificate: 'CN=www.example.com'")
    )
    (resource,) = certificates_of(stack).values()
    assert resource["Properties"]["Certificate"] == {"Text": leaf.pem}


def test_validity_of_the_chain_does_not_stop_the_synthesis(
    app: App, stack: Stack, certify: Certify, authority: Authority
) -> None:
    """An expired intermediate is only a warning, too."""
    stale = Authority.root(at=authority.at).intermediate(fault=Fault.EXPIRED)
    certify(stack, issued=stale.leaf())
    app.synth()
    Annotations.from_stack(stack).has_warning(
        "/Web/Certificate", Match.string_like_regexp("clients reject the chain")
    )


@pytest.mark.parametrize("template", ["{key}{token}", "{token}{key}"])
def test_key_beside_a_token_is_kept_out(
    app: App, stack: Stack, certify: Certify, leaf: Issued, template: str
) -> None:
    """The known parts of a text with tokens are checked."""
    text = template.format(key=leaf.key_pem(), token=Aws.STACK_NAME)
    certify(stack, material=with_certificate(stack, CertificateSource.from_text(text), leaf))
    unvalidated = app.synth(skip_validation=True).get_stack_by_name("Web").template
    assert leaf.key_pem().splitlines()[1] not in str(unvalidated)


def test_key_without_its_armor_is_kept_out(
    app: App, stack: Stack, certify: Certify, leaf: Issued
) -> None:
    """An invalid text is not written to the template."""
    text = "".join(leaf.key_pem().splitlines()[1:-1])
    certify(stack, material=with_certificate(stack, CertificateSource.from_text(text), leaf))
    unvalidated = app.synth(skip_validation=True).get_stack_by_name("Web").template
    assert text not in str(unvalidated)


def test_good_certificate_is_silent(app: App, stack: Stack, certify: Certify) -> None:
    """A valid certificate causes no annotation."""
    certify(stack)
    app.synth()
    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


@pytest.mark.parametrize("wrap", ["{key}", "{pem}{key}", "{key}{pem}"])
def test_private_key_among_certificates_does_not_reach_the_template(
    app: App, stack: Stack, certify: Certify, leaf: Issued, wrap: str
) -> None:
    """A private key in a certificate's text stops the synthesis, and is not kept."""
    text = wrap.format(pem=leaf.pem, key=leaf.key_pem())
    source = CertificateSource.from_text(text)
    certify(stack, material=with_certificate(stack, source, leaf))
    unvalidated = app.synth(skip_validation=True).get_stack_by_name("Web").template
    with pytest.raises(RuntimeError, match="certificate: it contains a private key") as caught:
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
        (lambda _: None, "it does not exist (current directory:"),
        (lambda path: path.mkdir(), "it is a directory"),
        (os.mkfifo, "it is a pipe, a socket or a device"),
        (lambda path: path.write_bytes(b"\x30\x82\x01\x0a\xff"), "it is truncated DER"),
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
    """An invalid file is reported with its path and the reason, together with all other errors."""
    path = tmp_path / "certificate.pem"
    prepare(path)
    source = CertificateSource.from_file(path)
    certify(stack, material=with_certificate(stack, source, leaf), path="edge")
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    assert f"[Web/Certificate] certificate (file '{path}'): " in str(caught.value)
    assert sentence in str(caught.value)
    assert "path: 'edge'" in str(caught.value)
    assert "there is none that certifies" not in str(caught.value)


def test_unusable_chain_does_not_hide_the_leaf(
    app: App, stack: Stack, certify: Certify, tmp_path: Path
) -> None:
    """A missing chain file and an unreadable leaf are both reported, without a missing-chain finding."""
    path = tmp_path / "chain.pem"
    parts = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text("certificate.pem"),
        chain=CertificateSource.from_file(path),
        private_key=private_key(stack, "Other"),
    )
    certify(stack, material=parts)
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    assert f"chain (file '{path}'): it does not exist" in str(caught.value)
    assert "certificate: it is a path or the name of a file" in str(caught.value)
    assert "there is none that certifies" not in str(caught.value)


def test_file_is_read_like_text(
    stack: Stack, certify: Certify, leaf: Issued, tmp_path: Path
) -> None:
    """A file is read with or without a byte order mark."""
    path = tmp_path / "certificate.pem"
    path.write_text("\ufeff" + leaf.pem, encoding="utf-8")
    certify(stack, material=with_certificate(stack, CertificateSource.from_file(path), leaf))
    (resource,) = certificates_of(stack).values()
    assert resource["Properties"]["Certificate"] == {"Text": leaf.pem}


@pytest.mark.parametrize("form", ["DER", "PKCS#7"])
def test_files_in_other_forms_are_converted(
    app: App, stack: Stack, certify: Certify, leaf: Issued, tmp_path: Path, form: str
) -> None:
    """A certificate in DER or PKCS#7 is PEM in the template."""
    path = tmp_path / "certificate"
    path.write_bytes(leaf.der if form == "DER" else to_pkcs7(leaf, *leaf.issuers))
    certify(stack, material=with_certificate(stack, CertificateSource.from_file(path), leaf))
    app.synth()
    (resource,) = certificates_of(stack).values()
    assert resource["Properties"]["Certificate"] == {"Text": leaf.pem}


def test_a_key_where_nobody_looks_does_not_reach_the_template(
    app: App, stack: Stack, certify: Certify, leaf: Issued
) -> None:
    """A text that is too long to be checked is not written to the template."""
    secret = secretsmanager.Secret.from_secret_complete_arn(stack, "Chain", SECRET_ARN)
    parts = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(leaf.pem * 6_000 + leaf.key_pem()),
        chain=CertificateSource.from_secret(secret),
        private_key=PrivateKeySource.from_secret(secret),
    )
    certify(stack, material=parts)
    unvalidated = app.synth(skip_validation=True).get_stack_by_name("Web").template
    assert leaf.key_pem().splitlines()[1] not in str(unvalidated)
    with pytest.raises(RuntimeError, match="the limit is"):
        app.synth(force=True)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("chain", "garbage", "chain: it is text in an unknown format"),
        ("chain", "-----BEGIN CERTIFICATE-----\nMAA=\n", "chain: the CERTIFICATE block can't be"),
        ("certificate", "certificate.pem", "certificate: it is a path or the name of a file"),
    ],
)
def test_a_part_is_judged_where_the_whole_cannot_be(
    app: App, stack: Stack, certify: Certify, name: str, content: str, sentence: str
) -> None:
    """An invalid literal part stops the synthesis, even if another part is in a secret."""
    secret = secretsmanager.Secret.from_secret_complete_arn(stack, "Material", SECRET_ARN)
    parts = {
        "certificate": CertificateSource.from_secret(secret, json_field="certificate"),
        "chain": CertificateSource.from_secret(secret, json_field="certificateChain"),
        name: CertificateSource.from_text(content),
    }
    key = PrivateKeySource.from_secret(secret, json_field="privateKey")
    certify(stack, material=CertificateMaterial.from_parts(**parts, private_key=key))
    with pytest.raises(RuntimeError, match="Validation failed") as caught:
        app.synth()
    assert sentence in str(caught.value)


@pytest.mark.parametrize("template", ["{token}{other}", "{other}{token}", "{token}{pem}{other}"])
def test_beside_a_token_only_certificates_stand(
    app: App, stack: Stack, certify: Certify, leaf: Issued, template: str
) -> None:
    """A private key with damaged BEGIN and END lines is found next to a token."""
    other = leaf.key_pem().replace("-----BEGIN", "----BEGIN")
    text = template.format(token=Aws.STACK_NAME, pem=leaf.pem, other=other)
    certify(stack, material=with_certificate(stack, CertificateSource.from_text(text), leaf))
    unvalidated = app.synth(skip_validation=True).get_stack_by_name("Web").template
    assert leaf.key_pem().splitlines()[1] not in str(unvalidated)
    with pytest.raises(RuntimeError, match="a token and something other than certificates"):
        app.synth(force=True)


def test_certificates_beside_a_token_are_kept(
    app: App, stack: Stack, certify: Certify, leaf: Issued
) -> None:
    """Certificates and tokens can be mixed, and a token can be between BEGIN and END lines."""
    armored = f"-----BEGIN CERTIFICATE-----\n{Aws.STACK_NAME}\n-----END CERTIFICATE-----\n"
    source = CertificateSource.from_text(leaf.pem + armored)
    certify(stack, material=with_certificate(stack, source, leaf))
    template = app.synth().get_stack_by_name("Web").template
    assert leaf.pem.splitlines()[1] in str(template)


def test_certificate_and_chain_from_a_secret(app: App, stack: Stack, certify: Certify) -> None:
    """The template refers to secrets, and the function's role can read them."""
    secret = secretsmanager.Secret.from_secret_complete_arn(stack, "Material", SECRET_ARN)
    parts = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_secret(secret, json_field="certificate"),
        chain=CertificateSource.from_secret(secret, json_field="certificateChain"),
        private_key=PrivateKeySource.from_secret(secret, json_field="privateKey"),
    )
    certify(stack, material=parts)
    app.synth()
    (resource,) = certificates_of(stack).values()
    assert resource["Properties"]["Certificate"] == {
        "SecretArn": SECRET_ARN,
        "JsonField": "certificate",
    }
    assert resource["Properties"]["CertificateChain"]["JsonField"] == "certificateChain"
    assert "secretsmanager:GetSecretValue" in str(app.synth().get_stack_by_name("Web").template)


def test_an_acknowledged_finding_stops_nothing(
    app: App, stack: Stack, certify: Certify, leaf: Issued
) -> None:
    """An acknowledged code is passed to the function."""
    secret = secretsmanager.Secret.from_secret_complete_arn(stack, "Key", SECRET_ARN)
    no_chain = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(leaf.pem),
        private_key=PrivateKeySource.from_secret(secret),
    )
    certify(stack, material=no_chain, acknowledge=["chain-missing", "chain-missing"])
    app.synth()
    (resource,) = certificates_of(stack).values()
    assert resource["Properties"]["Acknowledge"] == ["chain-missing"]
    assert "CertificateChain" not in resource["Properties"]


def test_an_acknowledged_warning_is_no_annotation(
    stack: Stack, certify: Certify, authority: Authority
) -> None:
    """An acknowledged finding is not reported at synth."""
    stale = Authority.root(at=authority.at).intermediate(fault=Fault.EXPIRED)
    certify(stack, issued=stale.leaf(), acknowledge=["chain-element-not-valid"])
    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())

"""Invalid arguments stop the synthesis, with the construct path, the value and the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Aws, CfnParameter, Duration, Stack
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
from support.stacks import SECRET_ARN, private_key, report_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cdk_iam_server_certificate import ServerCertificate
    from dev.certificates.authority import Issued

    Certify = Callable[..., ServerCertificate]
    Make = Callable[..., Any]


@pytest.mark.parametrize("part", ["certificate", "chain", "private_key"])
@pytest.mark.parametrize("value", ["-----BEGIN PRIVATE KEY-----\nvery secret", 5, None])
def test_something_in_place_of_a_source(
    app: App, stack: Stack, certify: Certify, leaf: Issued, part: str, value: object
) -> None:
    """A part that isn't a source is an error that says how to create one, without quoting the value."""
    if part == "chain" and value is None:
        return
    parts: dict[str, Any] = {
        "certificate": CertificateSource.from_text(leaf.pem),
        "chain": CertificateSource.from_text(leaf.chain_pem()),
        "private_key": private_key(stack, "Good"),
        part: value,
    }
    certify(stack, material=CertificateMaterial.from_parts(**parts))
    report = report_of(app)
    wanted = "PrivateKeySource" if part == "private_key" else "CertificateSource"
    given = f"of type {type(value).__name__}, but must be a {wanted}."
    problem = "it is required." if value is None else f"it is {given}"
    subject = part.replace("_", "-")
    assert f"[Web/Certificate] {subject}: {problem} Create it with {wanted}.from_" in report
    assert "very secret" not in report


@pytest.mark.parametrize(
    "make",
    [
        lambda leaf, _: PrivateKeySource.from_text(leaf.key_pem()),
        lambda _, path: PrivateKeySource.from_file(path),
    ],
)
def test_private_key_as_text_or_file(
    app: App, stack: Stack, certify: Certify, leaf: Issued, tmp_path: Path, make: Make
) -> None:
    """A private key that would get into the template is an error that says what to do instead."""
    path = tmp_path / "key.pem"
    path.write_text(leaf.key_pem())
    parts = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(leaf.fullchain_pem(root=True)),
        private_key=make(leaf, path),
    )
    certify(stack, material=parts)
    unvalidated = app.synth(skip_validation=True).get_stack_by_name("Web").template
    with pytest.raises(RuntimeError) as caught:
        app.synth(force=True)
    assert "[Web/Certificate] private-key: a private key from a text or a file" in str(caught.value)
    assert "Store it with the command 'server-certificate store'" in str(caught.value)
    assert leaf.key_pem().splitlines()[1] not in str(caught.value) + str(unvalidated) + repr(parts)


def test_private_key_as_a_certificate(
    app: App, stack: Stack, certify: Certify, leaf: Issued
) -> None:
    """A private key in a CertificateSource is an error, and is not quoted."""
    parts = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(leaf.fullchain_pem(root=True)),
        private_key=CertificateSource.from_text(leaf.key_pem()),  # type: ignore[arg-type]
    )
    certify(stack, material=parts)
    report = report_of(app)
    assert "[Web/Certificate] private-key: it is a CertificateSource, whose text" in report
    assert leaf.key_pem().splitlines()[1] not in report


def test_two_sources_for_one_part(app: App, stack: Stack, certify: Certify, leaf: Issued) -> None:
    """Several sources for one part are an error."""
    sources = [CertificateSource.from_text(leaf.chain_pem())] * 2
    parts = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(leaf.pem),
        chain=sources,  # type: ignore[arg-type]
        private_key=private_key(stack, "Good"),
    )
    certify(stack, material=parts)
    assert "[Web/Certificate] chain: it has 2 sources, but only one is allowed." in report_of(app)


@pytest.mark.parametrize("has_passphrase", [True, False])
def test_passphrase_without_a_bundle(
    app: App, stack: Stack, certify: Certify, *, has_passphrase: bool
) -> None:
    """A missing bundle is an error, and so is a passphrase without anything to decrypt."""
    secret = secretsmanager.Secret.from_secret_complete_arn(stack, "Secret", SECRET_ARN)
    passphrase = PassphraseSource.from_secret(secret) if has_passphrase else None
    certify(stack, material=CertificateMaterial.from_bundle(None, passphrase=passphrase))
    report = report_of(app)
    assert "[Web/Certificate] bundle: it is required. Create it with BundleSource.from_" in report
    problem = "[Web/Certificate] passphrase: there is nothing that it could decrypt."
    assert (problem in report) == has_passphrase


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda _: PrivateKeySource.from_secret("www/private-key"),  # type: ignore[arg-type]
            "private-key: it is of type str, but must be a secret from aws_secretsmanager. Import it",
        ),
        (
            lambda stack: PrivateKeySource.from_secret(
                secretsmanager.Secret.from_secret_name_v2(stack, "Key", SECRET_ARN)
            ),
            (
                f"private-key: the secret's name is an ARN, '{SECRET_ARN}'. Import it with"
                " Secret.from_secret_complete_arn."
            ),
        ),
        (
            lambda stack: PrivateKeySource.from_secret(
                secretsmanager.Secret.from_secret_complete_arn(stack, "Key", SECRET_ARN),
                version_id="1",
                version_stage="AWSPREVIOUS",
            ),
            (
                "private-key: version_id '1' and version_stage 'AWSPREVIOUS' can't be combined. Remove"
                " one of them."
            ),
        ),
        (
            lambda _: PrivateKeySource.from_parameter("/tls/key"),  # type: ignore[arg-type]
            "private-key: it is of type str, but must be a parameter from aws_ssm. Import it with",
        ),
        (
            lambda stack: PrivateKeySource.from_parameter(
                ssm.StringParameter.from_secure_string_parameter_attributes(
                    stack, "Key", parameter_name="/tls/key"
                ),
                version=0,
            ),
            "private-key: version 0 is invalid. Versions of a parameter start at 1.",
        ),
    ],
)
def test_unusable_source_of_a_key(
    app: App, stack: Stack, certify: Certify, leaf: Issued, make: Make, sentence: str
) -> None:
    """Invalid arguments of a source are errors."""
    parts = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(leaf.fullchain_pem(root=True)),
        private_key=make(stack),
    )
    certify(stack, material=parts)
    assert f"[Web/Certificate] {sentence}" in report_of(app)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda _: BundleSource.from_bucket("bucket", "www.pfx"),  # type: ignore[arg-type]
            "bundle: it is of type str, but must be a bucket from aws_s3. Import it with Bucket.",
        ),
        (
            lambda stack: BundleSource.from_bucket(
                s3.Bucket.from_bucket_name(stack, "Bucket", "bucket"), ""
            ),
            "bundle: the object key is empty. Provide the key of an object.",
        ),
    ],
)
def test_unusable_source_of_a_bundle(
    app: App, stack: Stack, certify: Certify, make: Make, sentence: str
) -> None:
    """Invalid arguments of a bundle's source are errors."""
    certify(stack, material=CertificateMaterial.from_bundle(make(stack)))
    assert f"[Web/Certificate] {sentence}" in report_of(app)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: CertificateSource.from_file(f"{Aws.REGION}.pem"),
            (
                "certificate: its path is a token, but the file is read at synth. Provide a literal"
                " path."
            ),
        ),
        (
            lambda: CertificateSource.from_file(5),  # type: ignore[arg-type]
            "certificate: ",
        ),
        (
            lambda: CertificateSource.from_text(b"PEM"),  # type: ignore[arg-type]
            "certificate: it is of type bytes, not str. Provide the text of a certificate in PEM.",
        ),
    ],
)
def test_unusable_literals(
    app: App, stack: Stack, certify: Certify, make: Make, sentence: str
) -> None:
    """Invalid texts and file paths are errors."""
    parts = CertificateMaterial.from_parts(
        certificate=make(), private_key=private_key(stack, "Good")
    )
    certify(stack, material=parts)
    assert f"[Web/Certificate] {sentence}" in report_of(app)


def test_unusable_arguments(app: App, stack: Stack, certify: Certify) -> None:
    """All invalid arguments of all certificates are reported together, with their values and fixes."""
    unknown = CfnParameter(stack, "Seconds", type="Number").value_as_number
    later = Duration.seconds(unknown)
    rows: list[tuple[dict[str, Any], str]] = [
        ({"server_certificate_name": 5}, "server_certificate_name: 5 is of type int, not str."),
        ({"server_certificate_name": ["www"]}, "server_certificate_name: it is of type list, not"),
        ({"server_certificate_name": "n" * 129}, "name: 'nnn"),
        ({"server_certificate_name": "a b"}, "name: 'a b' contains ' '"),
        ({"server_certificate_name": "/"}, "name: '/' contains '/'"),
        ({"server_certificate_name": ""}, "name: "),
        (
            {"server_certificate_name_prefix": 5},
            "server_certificate_name_prefix: 5 is of type int, not str.",
        ),
        ({"server_certificate_name_prefix": ""}, "name-prefix: it is empty. Change the prefix"),
        ({"server_certificate_name_prefix": "*"}, "name-prefix: '*' contains '*'"),
        (
            {"server_certificate_name_prefix": "p" * 91},
            f"name-prefix: '{'p' * 91}' has 91 characters, but at most 90 are allowed: IAM accepts",
        ),
        (
            {"server_certificate_name_prefix": "www", "server_certificate_name": "www"},
            (
                "server_certificate_name_prefix: it can't be combined with"
                " server_certificate_name. Remove one of them."
            ),
        ),
        ({"path": None}, "path: None is of type NoneType, not str. Provide a string, or omit"),
        ({"path": "edge"}, "path: 'edge' is not a valid path"),
        ({"path": ""}, "path: '' is not a valid path"),
        (
            {"propagation_time": 30},
            (
                "propagation_time: 30 is of type int, not Duration. Provide a duration, such as"
                " Duration.seconds(30)."
            ),
        ),
        (
            {"propagation_time": Duration.seconds(601)},
            "propagation_time: 601 seconds is not allowed. Provide whole seconds, at most 600.",
        ),
        (
            {"propagation_time": Duration.millis(1500)},
            "propagation_time: 1.5 seconds is not allowed. Provide whole seconds, at most 600.",
        ),
        (
            {"propagation_time": later},
            "propagation_time: it is a token, but must be known at synth",
        ),
        (
            {"deletion_timeout": "5 minutes"},
            "deletion_timeout: '5 minutes' is of type str, not Dur",
        ),
        (
            {"deletion_timeout": Duration.minutes(15)},
            "deletion_timeout: 900 seconds is not allowed. Provide whole seconds, at most 840.",
        ),
        (
            {"deletion_timeout": later},
            "deletion_timeout: it is a token, but must be known at synth",
        ),
        (
            {"adopt_existing": "false", "server_certificate_name": "www"},
            (
                "adopt_existing: 'false' is of type str, not bool. Provide True or False. A context"
                " value from the command line is a string: compare it with == 'true'."
            ),
        ),
        ({"adopt_existing": None}, "adopt_existing: None is of type NoneType, not bool."),
        (
            {"adopt_existing": True},
            (
                "adopt_existing: it requires a server_certificate_name, because a generated name is"
                " always new. Provide the name of the certificate to adopt."
            ),
        ),
        (
            {"acknowledge": None},
            (
                "acknowledge: None is of type NoneType, not list. Provide a list of codes, such as"
                " ['chain-missing'], or omit the argument."
            ),
        ),
        ({"acknowledge": [1]}, "acknowledge: 1 is of type int, not str. Provide a list of codes"),
        ({"acknowledge": [""]}, "acknowledge: there is no finding ''"),
        (
            {"acknowledge": "chain-missing"},
            (
                "acknowledge: it is the string 'chain-missing', but must be a list of codes. Write"
                " ['chain-missing']."
            ),
        ),
        (
            {"acknowledge": ["chain-mising"]},
            "acknowledge: there is no finding 'chain-mising'; did you mean 'chain-missing'?",
        ),
        (
            {"acknowledge": ["xyz"]},
            "acknowledge: there is no finding 'xyz'; see the documentation",
        ),
        (
            {"acknowledge": ["certificate-expired"]},
            "acknowledge: 'certificate-expired' can't be acknowledged, because its cause has to be fixed",
        ),
        (
            {"material": "-----BEGIN PRIVATE KEY-----"},
            "material: it is of type str, but must be a CertificateMaterial. Create it with Cert",
        ),
        (
            {"material": None},
            "material: it is of type NoneType, but must be a CertificateMaterial.",
        ),
    ]
    for number, (arguments, _) in enumerate(rows):
        certify(stack, f"Certificate{number}", **arguments)
    report = report_of(app)
    missing = [
        sentence
        for number, (_, sentence) in enumerate(rows)
        if f"[Web/Certificate{number}] {sentence}" not in report
    ]
    assert missing == []


def test_generated_name_is_never_too_long(app: App, stack: Stack, certify: Certify) -> None:
    """The generated name of a deeply nested construct stays within IAM's limit."""
    certify(stack, "Certificate" * 20)
    template = app.synth().get_stack_by_name("Web").template
    (prefix,) = (
        resource["Properties"]["NamePrefix"]
        for resource in template["Resources"].values()
        if resource["Type"] == "Custom::IamServerCertificate"
    )
    assert len(prefix) + len("-") + 16 <= 128

"""The custom resource of a certificate, and its attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, Duration, Environment, RemovalPolicy, Stack, Tags
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Match, Template
from cryptography.hazmat.primitives import hashes

from cdk_iam_server_certificate import BundleSource, CertificateMaterial, CertificateSource
from support.stacks import SECRET_ARN, certificates_of, private_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from cdk_iam_server_certificate import ServerCertificate
    from dev.certificates.authority import Issued

    Certify = Callable[..., ServerCertificate]


def test_properties_are_the_contract(stack: Stack, certify: Certify, leaf: Issued) -> None:
    """The custom resource has exactly the properties that deployed stacks have."""
    certify(stack, server_certificate_name="www", path="/edge/")
    (resource,) = certificates_of(stack).values()
    assert {
        key: value for key, value in resource["Properties"].items() if key != "ServiceToken"
    } == {
        "ServiceTimeout": "960",
        "ServerCertificateName": "www",
        "NamePrefix": "Web-Certificate-370C9466-eu-central-1",
        "Path": "/edge/",
        "Certificate": {"Text": leaf.pem},
        "CertificateChain": {"Text": leaf.chain_pem()},
        "PrivateKey": {
            "SecretArn": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:key-AbCdEf"
        },
        "PropagationSeconds": "30",
    }


@pytest.mark.parametrize(
    ("policy", "retain"),
    [
        (RemovalPolicy.RETAIN, "true"),
        (RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, "true"),
        (RemovalPolicy.DESTROY, None),
        (None, None),
    ],
)
def test_function_is_told_what_is_retained(
    stack: Stack, certify: Certify, policy: RemovalPolicy | None, retain: str | None
) -> None:
    """A property passes the removal policy to the function."""
    certificate = certify(stack)
    if policy is not None:
        certificate.apply_removal_policy(policy)
    (resource,) = certificates_of(stack).values()
    assert resource["Properties"].get("Retain") == retain


def test_logical_id_is_the_contract(stack: Stack, certify: Certify) -> None:
    """The logical id is stable, because a change would replace every certificate."""
    certify(stack)
    assert list(certificates_of(stack)) == ["Certificate4E7ABB08"]


def test_attributes_refer_to_the_resource(stack: Stack, certify: Certify) -> None:
    """Each attribute is an Fn::GetAtt with its name, and the id is a Ref."""
    certificate = certify(stack)
    attributes = {
        "Arn": certificate.server_certificate_arn,
        "ServerCertificateName": certificate.server_certificate_name,
        "Path": certificate.server_certificate_path,
        "Expiration": certificate.server_certificate_expiration,
        "UploadDate": certificate.server_certificate_upload_date,
        "NotBefore": certificate.server_certificate_not_before,
        "Fingerprint": certificate.server_certificate_fingerprint,
        "SubjectAlternativeNames": certificate.server_certificate_subject_alternative_names,
    }
    (logical_id,) = certificates_of(stack)
    for name, token in attributes.items():
        assert stack.resolve(token) == {"Fn::GetAtt": [logical_id, name]}
    assert stack.resolve(certificate.server_certificate_id) == {"Ref": logical_id}


def test_tags_reach_the_certificate(stack: Stack, certify: Certify) -> None:
    """Tags of all parent scopes are in the property as Key and Value."""
    certificate = certify(stack)
    Tags.of(stack).add("team", "edge")
    Tags.of(certificate).add("stage", "test")
    (resource,) = certificates_of(stack).values()
    assert resource["Properties"]["Tags"] == [
        {"Key": "stage", "Value": "test"},
        {"Key": "team", "Value": "edge"},
    ]


def test_encoding_of_a_literal_does_not_reach_the_template(
    app: App, stack: Stack, certify: Certify, leaf: Issued
) -> None:
    """CRLF, extra text and a full chain result in the same template as separate parts."""
    certify(stack)
    other = Stack(app, "Other")
    text = "subject=www\r\n" + leaf.fullchain_pem(root=True).replace("\n", "\r\n")
    certify(
        other,
        material=CertificateMaterial.from_parts(
            certificate=CertificateSource.from_text(text),
            private_key=private_key(other, "Other"),
        ),
    )
    (one,) = certificates_of(stack).values()
    (two,) = certificates_of(other).values()
    for key in ("Certificate", "CertificateChain"):
        assert one["Properties"][key] == two["Properties"][key]


def test_removal_policy_applies(stack: Stack, certify: Certify) -> None:
    """A certificate can be retained like any resource."""
    certify(stack).apply_removal_policy(RemovalPolicy.RETAIN)
    (resource,) = certificates_of(stack).values()
    assert resource["DeletionPolicy"] == "Retain"


def test_tokens_are_passed_through(stack: Stack, certify: Certify) -> None:
    """The name and path can be stack parameters, which are checked at deploy time."""
    name = CfnParameter(stack, "Name").value_as_string
    path = CfnParameter(stack, "Path").value_as_string
    certify(stack, server_certificate_name=name, path=path)
    (resource,) = certificates_of(stack).values()
    assert resource["Properties"]["ServerCertificateName"] == {"Ref": "Name"}
    assert resource["Properties"]["Path"] == {"Ref": "Path"}


def test_region_less_stack_has_its_region_in_the_name(app: App, certify: Certify) -> None:
    """Generated names include the Region, even if it is unknown at synth."""
    stack = Stack(app, "Anywhere")
    certify(stack)
    (resource,) = certificates_of(stack).values()
    assert resource["Properties"]["NamePrefix"]["Fn::Join"][1][1] == {"Ref": "AWS::Region"}


def test_other_stack_can_refer_to_it(app: App, stack: Stack, certify: Certify) -> None:
    """The ARN crosses stacks as an export."""
    certificate = certify(stack)
    consumer = Stack(app, "Consumer", env=Environment(account=stack.account, region=stack.region))
    CfnOutput(consumer, "Arn", value=certificate.server_certificate_arn)
    Template.from_stack(consumer).has_output(
        "Arn", {"Value": {"Fn::ImportValue": Match.any_value()}}
    )


@pytest.mark.parametrize(("seconds", "rendered"), [(0, "0"), (600, "600")])
def test_propagation_time(stack: Stack, certify: Certify, seconds: int, rendered: str) -> None:
    """The propagation time is passed in seconds, up to ten minutes."""
    certify(stack, propagation_time=Duration.seconds(seconds))
    (resource,) = certificates_of(stack).values()
    assert resource["Properties"]["PropagationSeconds"] == rendered


def test_metadata_describes_a_literal_certificate(
    stack: Stack, certify: Certify, leaf: Issued
) -> None:
    """The template says in words which certificate it contains, so that a person can read a diff."""
    certify(stack)
    (resource,) = certificates_of(stack).values()
    made = leaf.certificate
    assert resource["Metadata"]["ServerCertificate"] == {
        "Subject": "CN=www.example.com",
        "SubjectAlternativeNames": "www.example.com",
        "NotBefore": f"{made.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}",
        "Expiration": f"{made.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}",
        "Fingerprint": made.fingerprint(hashes.SHA256()).hex(":").upper(),
    }


def test_nothing_describes_a_certificate_that_is_read_later(stack: Stack, certify: Certify) -> None:
    """A certificate from a secret is unknown at synth, so no metadata describes it."""
    secret = secretsmanager.Secret.from_secret_complete_arn(stack, "Secret", SECRET_ARN)
    bundle = CertificateMaterial.from_bundle(BundleSource.from_secret(secret))
    certify(stack, material=bundle)
    (resource,) = certificates_of(stack).values()
    assert "ServerCertificate" not in resource.get("Metadata", {})

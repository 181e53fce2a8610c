"""Parts from parameters: the properties in the template, and the function's permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_ssm as ssm

from cdk_iam_server_certificate import CertificateMaterial, CertificateSource, PrivateKeySource
from support.sources import KMS_ARN, key, parameter, parts_of, readable

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

    from cdk_iam_server_certificate import ServerCertificate

    Certify = Callable[..., ServerCertificate]


def test_parts_from_parameters(stack: Stack, certify: Certify) -> None:
    """The template contains names, fields and versions, and the function can read exactly these."""
    parts = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_parameter(
            ssm.StringParameter.from_string_parameter_name(stack, "Leaf", "/tls/leaf"),
            json_field="pem",
        ),
        private_key=PrivateKeySource.from_parameter(
            parameter(stack, "/tls/key"), version=3, encryption_key=key(stack)
        ),
    )
    certify(stack, material=parts)
    assert parts_of(stack) == {
        "Certificate": {"ParameterName": "/tls/leaf", "JsonField": "pem"},
        "PrivateKey": {"ParameterName": "/tls/key", "ParameterVersion": "3"},
    }
    read, decrypt = readable(stack).values()
    assert [str(each).count(":parameter/tls/") for each in read[0]] == [1, 1]
    assert decrypt == [KMS_ARN, {"kms:ViaService": "ssm.eu-central-1.amazonaws.com"}]

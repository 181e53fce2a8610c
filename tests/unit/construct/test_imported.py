"""Existing certificates: imported or adopted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, Stack
from aws_cdk.assertions import Template

from cdk_iam_server_certificate import IServerCertificate, ServerCertificate
from support.stacks import certificates_of

if TYPE_CHECKING:
    from collections.abc import Callable

    Certify = Callable[..., ServerCertificate]

ARN = "arn:aws:iam::111122223333:server-certificate"


@pytest.mark.parametrize(
    ("arn", "name", "path"),
    [
        (f"{ARN}/www", "www", "/"),
        (f"{ARN}/cloudfront/www/shop", "shop", "/cloudfront/www/"),
        (
            "arn:aws-cn:iam::111122223333:server-certificate/cloudfront/w=w@,.x",
            "w=w@,.x",
            "/cloudfront/",
        ),
        ("arn:aws-us-gov:iam::111122223333:server-certificate/a", "a", "/"),
    ],
)
def test_import_by_arn(stack: Stack, arn: str, name: str, path: str) -> None:
    """A literal ARN provides the name and the path, and creates no resource."""
    certificate: IServerCertificate = ServerCertificate.from_server_certificate_arn(
        stack, "Imported", arn
    )
    assert certificate.server_certificate_arn == arn
    assert (certificate.server_certificate_name, certificate.server_certificate_path) == (
        name,
        path,
    )
    assert not Template.from_stack(stack).to_json().get("Resources")


def test_import_by_an_arn_that_is_known_later(stack: Stack) -> None:
    """The ARN can be a stack parameter, whose parts are unknown at synth."""
    parameter = CfnParameter(stack, "Arn").value_as_string
    certificate = ServerCertificate.from_server_certificate_arn(stack, "Imported", parameter)
    assert stack.resolve(certificate.server_certificate_arn) == {"Ref": "Arn"}
    with pytest.raises(
        ValueError, match=r"\[Web/Imported\] The server_certificate_name of .* is unknown"
    ):
        _ = certificate.server_certificate_name
    with pytest.raises(
        ValueError, match=r"\[Web/Imported\] The server_certificate_path of .* is unknown"
    ):
        _ = certificate.server_certificate_path


def test_id_is_in_no_arn(stack: Stack) -> None:
    """The error about a missing id says how to provide it."""
    certificate = ServerCertificate.from_server_certificate_arn(stack, "Imported", f"{ARN}/www")
    with pytest.raises(
        ValueError, match=r"from_server_certificate_attributes\(server_certificate_id=…\)"
    ):
        _ = certificate.server_certificate_id


@pytest.mark.parametrize(
    "arn",
    [
        "www",
        "arn:aws:acm:eu-central-1:111122223333:certificate/1234abcd",
        f"{ARN}/",
        ARN,
        f"{ARN}//www",
        "arn:aws:iam::1111:server-certificate/www",
    ],
)
def test_what_is_no_arn_of_a_server_certificate_is_refused(stack: Stack, arn: str) -> None:
    """Another ARN is an error that shows the construct path and the format."""
    with pytest.raises(
        ValueError, match=r"\[Web/Imported\] '.*' is not the ARN of a server certificate"
    ):
        ServerCertificate.from_server_certificate_arn(stack, "Imported", arn)


def test_import_by_attributes(stack: Stack) -> None:
    """The ARN is made of the name and path, and the stack's account and partition."""
    certificate = ServerCertificate.from_server_certificate_attributes(
        stack,
        "Imported",
        server_certificate_name="www",
        server_certificate_id="ASCAEXAMPLE",
        server_certificate_path="/cloudfront/",
    )
    assert certificate.server_certificate_id == "ASCAEXAMPLE"
    assert certificate.server_certificate_path == "/cloudfront/"
    resolved = stack.resolve(certificate.server_certificate_arn)
    assert resolved["Fn::Join"][1][-1] == ":iam::111122223333:server-certificate/cloudfront/www"


@pytest.mark.parametrize(
    ("attributes", "sentence"),
    [
        ({"server_certificate_name": "a b"}, r"\[Web/Imported\] name: 'a b' contains ' '"),
        (
            {"server_certificate_name": "www", "server_certificate_path": "edge"},
            r"\[Web/Imported\] path: 'edge' is not a valid path",
        ),
    ],
)
def test_attributes_are_judged(stack: Stack, attributes: dict[str, str], sentence: str) -> None:
    """Invalid names and paths are errors."""
    with pytest.raises(ValueError, match=sentence):
        ServerCertificate.from_server_certificate_attributes(stack, "Imported", **attributes)


def test_imported_certificate_can_be_exported(app: App, stack: Stack) -> None:
    """An imported certificate is used like a declared one."""
    certificate = ServerCertificate.from_server_certificate_arn(stack, "Imported", f"{ARN}/www")
    CfnOutput(stack, "Out", value=certificate.server_certificate_arn)
    template = app.synth().get_stack_by_name("Web").template
    assert template["Outputs"]["Out"]["Value"] == f"{ARN}/www"


def test_adoption(stack: Stack, certify: Certify) -> None:
    """A certificate is only adopted on request."""
    certify(stack, "Adopting", server_certificate_name="www", adopt_existing=True)
    certify(stack, "Making", server_certificate_name="shop")
    adopting, making = certificates_of(stack).values()
    assert adopting["Properties"]["Adopt"] == "true"
    assert "Adopt" not in making["Properties"]

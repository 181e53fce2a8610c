"""Existing certificates: imported or adopted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
        "ASCAEXAMPLE1111111111",
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
        ({"server_certificate_name": ""}, "server_certificate_name: it is empty. Provide that of"),
        (
            {"server_certificate_name": "www", "server_certificate_id": f"{ARN}/www"},
            "server_certificate_id: '.*/www' is not a ServerCertificateId. Provide an id such as ASCA",
        ),
        (
            {"server_certificate_name": "www", "server_certificate_id": ""},
            "server_certificate_id: it is empty.",
        ),
    ],
)
def test_attributes_are_checked(stack: Stack, attributes: dict[str, str], sentence: str) -> None:
    """Invalid names and paths are errors."""
    with pytest.raises(ValueError, match=sentence):
        ServerCertificate.from_server_certificate_attributes(stack, "Imported", **attributes)


@pytest.mark.parametrize("value", [5, None, b"www", ["www"], True, object()])
def test_values_of_other_types(stack: Stack, value: Any) -> None:  # noqa: ANN401 - any type
    """They are a ValueError that names the argument, too, and never the error of a called function."""
    by_arn = ServerCertificate.from_server_certificate_arn
    by_attributes = ServerCertificate.from_server_certificate_attributes
    kind = type(value).__name__
    with pytest.raises(ValueError, match=rf"Web/Imported\] server_certificate_arn: .* {kind}, not"):
        by_arn(stack, "Imported", value)
    names = ("server_certificate_name", "server_certificate_path", "server_certificate_id")
    for argument in names if value is not None else names[:2]:
        arguments = {"server_certificate_name": "www", argument: value}
        with pytest.raises(ValueError, match=rf"Web/Imported\] {argument}: .* of type {kind}, not"):
            by_attributes(stack, "Imported", **arguments)
    with pytest.raises(ValueError, match=f"The construct id is of type {kind}, but must be a str"):
        by_arn(stack, value, f"{ARN}/www")


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

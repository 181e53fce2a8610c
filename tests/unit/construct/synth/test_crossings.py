"""What a renewal means for a consumer, decided without an app."""

from __future__ import annotations

import pytest

from cdk_iam_server_certificate.synth.consumers.crossings import (
    Crossing,
    check_crossings,
    check_listeners,
)
from cdk_iam_server_certificate.synth.consumers.references import Target, references

TARGET = Target(logical_id="Certificate1", unique_id="WebCertificate1")


def crossing(
    attribute: str = "Arn", *, export: str | None = None, by: tuple[str, ...] = ("Edge/Https",)
) -> Crossing:
    """Return an attribute that leaves the stack."""
    return Crossing(attribute=attribute, export=export, consumers=by)


@pytest.mark.parametrize(
    ("attribute", "export", "is_named", "said"),
    [
        ("Arn", "Web:Arn", False, "the server_certificate_arn, by the export 'Web:Arn'. A renewal"),
        (
            "Ref",
            "Web:Id",
            False,
            "the server_certificate_id, by the export 'Web:Id'. A renewal fail",
        ),
        ("Ref", "Web:Id", True, "A renewal fails while another stack imports it."),
        (
            "Path",
            "Web:Path",
            False,
            "the server_certificate_path, by the export 'Web:Path'. A new p",
        ),
        ("NotBefore", "Web:Date", False, "the server_certificate_not_before, by the export"),
        (
            "Arn",
            "Web:Arn",
            True,
            "A new name or path fails while another stack imports it. A renewal",
        ),
        ("Arn", None, False, "A renewal doesn't update that stack: it keeps the old certificate"),
        (
            "Arn",
            None,
            True,
            "A renewal keeps it, so CloudFormation doesn't update the load balancer",
        ),
        (
            "ServerCertificateName",
            None,
            False,
            "uses the server_certificate_name. A renewal doesn't",
        ),
        ("NotBefore", None, False, None),
        ("Path", None, False, None),
    ],
)
def test_effect(attribute: str, export: str | None, *, is_named: bool, said: str | None) -> None:
    """Each attribute has the effect of its kind of reference; a weak one to a date does no harm."""
    findings = check_crossings([crossing(attribute, export=export)], is_named=is_named)
    assert [said in str(each) for each in findings if said] == ([True] if said else [])
    assert bool(findings) == bool(said)


def test_one_finding_for_an_attribute() -> None:
    """The consumers of one attribute are told together, the first three by their paths."""
    users = [crossing(export="Web:Arn", by=(f"Edge/{number}", "Edge/0")) for number in range(5)]
    (finding,) = check_crossings(users, is_named=False)
    assert "'Edge/0', 'Edge/1', 'Edge/2' and 2 more in another stack use the" in finding.message
    (alone,) = check_crossings([crossing(export="Web:Arn", by=())], is_named=False)
    assert alone.message.startswith("its stack exports the server_certificate_arn, by the export")


def test_transitional_reference_is_told_as_a_strong_one() -> None:
    """The CDK's transitional references are strong and weak; the strong one decides."""
    (finding,) = check_crossings([crossing(), crossing(export="Web:Arn")], is_named=False)
    assert "by the export 'Web:Arn'" in finding.message


def test_listeners() -> None:
    """The listeners of a certificate with a declared name are listed; without one, nothing is reported."""
    assert check_listeners([]) == []
    (one,) = check_listeners(["Web/Https"])
    assert str(one).startswith("name: 'Web/Https' uses the ARN of a certificate with a server_cert")
    (two,) = check_listeners(["Web/Https", "Web/Tls"])
    assert "'Web/Https' and 'Web/Tls' use the ARN" in two.message


@pytest.mark.parametrize(
    ("value", "own", "around"),
    [
        ({"Ref": "Certificate1"}, "Ref", None),
        ({"Fn::GetAtt": ["Certificate1", "Arn"]}, "Arn", None),
        ({"Fn::Join": ["", ["a", {"Fn::GetAtt": ["Certificate1", "Path"]}]]}, "Path", None),
        ({"Fn::GetAtt": ["Nested", "Outputs.WebCertificate1Arn"]}, None, "Arn"),
        ({"Fn::GetAtt": ["Outer", "Outputs.WebOuterOutputsWebCertificate1Arn"]}, None, "Arn"),
        ({"Ref": "referencetoWebCertificate1Ref"}, None, "Ref"),
        ({"Ref": "WebCertificate1"}, None, None),
        ({"Ref": "Certificate2"}, None, None),
        ({"Fn::GetAtt": ["Certificate1", ["Arn"]], "Ref": 5}, None, None),
        ("Certificate1", None, None),
        (None, None, None),
    ],
)
def test_attribute_of_a_reference(value: object, own: str | None, around: str | None) -> None:
    """A reference is recognized in the certificate's own stack, and in stacks around or in it."""
    for is_in_its_stack, expected in ((True, own), (False, around)):
        found = {
            TARGET.attribute(each, is_in_its_stack=is_in_its_stack) for each in references(value)
        }
        assert found - {None} == ({expected} if expected else set())

"""Events as CloudFormation sends them, and what is none of its."""

from __future__ import annotations

from typing import Any

import pytest

from server_certificate.contract.properties import parse_properties
from server_certificate_handler.errors import IamRefusedError, InvalidRequestError
from server_certificate_handler.event import Event, read_event
from server_certificate_handler.kernel.desired import Previous, Request
from server_certificate_handler.unsupported import is_unsupported
from support.kernel import OWNER, STACK_ID

COMPLETE: dict[str, Any] = {
    "RequestType": "Update",
    "ResponseURL": "https://example.com/answer",
    "StackId": STACK_ID,
    "RequestId": "request-now",
    "LogicalResourceId": "C",
    "PhysicalResourceId": "ASCAQXRQ45OGOXN4H7UIZ",
    "ResourceProperties": {"Path": "/"},
    "OldResourceProperties": {
        "ServerCertificateName": "shop",
        "Tags": [{"Key": "team", "Value": "edge"}, {"Value": "x"}, "y"],
    },
}


def test_an_event_is_read() -> None:
    """With what the template before declared."""
    event = read_event(COMPLETE)
    assert event == Event(
        request=Request.UPDATE,
        stack_id=STACK_ID,
        logical_id="C",
        request_id="request-now",
        physical_id="ASCAQXRQ45OGOXN4H7UIZ",
        properties={"Path": "/"},
        old_properties=COMPLETE["OldResourceProperties"],
    )
    assert event.owner == OWNER
    assert event.certificate_id == "ASCAQXRQ45OGOXN4H7UIZ"
    assert event.previous == Previous(name="shop", tag_keys=frozenset({"team"}))


@pytest.mark.parametrize(
    ("properties", "keeps_hosts"),
    [
        ({"Renew": "true"}, True),
        ({"Renew": "true", "Acknowledge": ["renewal-loses-hosts"]}, False),
        ({"Renew": "false"}, False),
        ({}, False),
    ],
)
def test_renewal_keeps_hosts(properties: dict[str, object], *, keeps_hosts: bool) -> None:
    """A certificate that renews automatically keeps its hosts, unless that is acknowledged."""
    material = {"Certificate": {"Text": "PEM"}, "PrivateKey": {"SecretArn": "arn:aws:x"}}
    parsed = parse_properties({**material, **properties})
    assert read_event(COMPLETE).desired(parsed).keeps_hosts is keeps_hosts


def test_a_create_has_no_physical_id() -> None:
    """Every other event has one."""
    create = {key: value for key, value in COMPLETE.items() if key != "PhysicalResourceId"}
    event = read_event(create | {"RequestType": "Create"})
    assert (event.physical_id, event.certificate_id) == ("", None)
    with pytest.raises(InvalidRequestError, match="The event has no PhysicalResourceId,"):
        read_event(create)


@pytest.mark.parametrize("value", ["", 7, None, {}])
@pytest.mark.parametrize("key", ["ResponseURL", "StackId", "RequestId", "LogicalResourceId"])
def test_a_field_that_can_not_be_used_is_missing(key: str, value: object) -> None:
    """Empty, or something else than a text."""
    with pytest.raises(InvalidRequestError, match=f"The event has no {key},"):
        read_event(COMPLETE | {key: value})


def test_another_request_type() -> None:
    """The error has the unknown request type and lists the valid ones."""
    with pytest.raises(
        InvalidRequestError, match="'Read'; it must be one of Create, Update, Delete"
    ):
        read_event(COMPLETE | {"RequestType": "Read"})


@pytest.mark.parametrize("physical_id", ["web-C-1ABCDEFGHIJK2", "not-created-request-then"])
def test_an_id_that_is_no_certificates(physical_id: str) -> None:
    """CloudFormation has invented it, or a failed Create has answered with it."""
    assert read_event(COMPLETE | {"PhysicalResourceId": physical_id}).certificate_id is None


@pytest.mark.parametrize("properties", [None, 7, "x", []])
def test_properties_that_are_none(properties: object) -> None:
    """A Delete of an old format has to be carried out, too."""
    event = read_event(
        COMPLETE | {"ResourceProperties": properties, "OldResourceProperties": properties}
    )
    assert (event.properties, event.previous) == ({}, Previous())


@pytest.mark.parametrize("name", ["", 7, None])
def test_a_name_that_is_none(name: object) -> None:
    """It was generated."""
    event = read_event(COMPLETE | {"OldResourceProperties": {"ServerCertificateName": name}})
    assert event.previous.name is None


@pytest.mark.parametrize(
    ("code", "partition", "expected"),
    [
        ("UnsupportedOperation", "arn:aws", True),
        ("ValidationError", "arn:aws", False),
        ("ValidationError", "arn:aws-cn", False),
        ("ValidationError", "arn:aws-iso", True),
        ("LimitExceeded", "arn:aws-iso", False),
        ("ValidationError", "no arn", False),
    ],
)
def test_a_partition_without_tags(code: str, partition: str, *, expected: bool) -> None:
    """Most codes mean what they say, but for partitions that are said to answer so."""
    error = IamRefusedError("Tags", code=code)
    stack_id = f"{partition}:cloudformation:eu-central-1:111122223333:stack/web/1"
    assert is_unsupported(error, stack_id=stack_id) is expected

"""Tests of the throw-away certificates for unit tests of users."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Annotations, Match, Template
from cryptography import x509

from cdk_iam_server_certificate import ServerCertificate
from cdk_iam_server_certificate.testing import (
    ThrowawayKey,
    throwaway_certificate,
    throwaway_material,
)
from server_certificate.assessment import Criteria, Given, Input, assess
from server_certificate.rules.consumers import Consumer
from support.findings import codes

if TYPE_CHECKING:
    from server_certificate.assessment import Assessment


def assessed(*names: str, expired: bool = False, key: ThrowawayKey) -> Assessment:
    """Assess a throw-away certificate for CloudFront, which is the strictest consumer."""
    made = throwaway_certificate(*names, expired=expired, key=key)
    return assess(
        Given(certificate=Input.of_text(made.certificate_pem), chain=Input.of_text(made.chain_pem)),
        Criteria(at=datetime.now(UTC), consumer=Consumer.CLOUDFRONT),
    )


@pytest.mark.parametrize("key", ThrowawayKey)
def test_nothing_is_found_about_a_throwaway_certificate(key: ThrowawayKey) -> None:
    """Certificates with each key are accepted as they are, without any finding."""
    result = assessed("www.example.com", "*.example.org", "192.0.2.1", key=key)
    assert codes(result.findings) == []
    assert result.accepted_as_is


@pytest.mark.parametrize("key", ThrowawayKey)
def test_an_expired_one_has_expired_and_nothing_else(key: ThrowawayKey) -> None:
    """The one finding of an expired certificate is that it has expired."""
    assert codes(assessed(expired=True, key=key).findings) == ["certificate-expired"]


def test_the_names_are_those_that_were_asked_for() -> None:
    """DNS names and IP addresses become subject alternative names; the default is an example."""
    made = x509.load_pem_x509_certificate(
        throwaway_certificate("a.example", "2001:db8::1").certificate_pem.encode()
    )
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == ["a.example", "2001:db8::1"]
    assert throwaway_certificate() == throwaway_certificate("www.example.com")


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("", ValueError, "'' is empty"),
        ("münchen.example", ValueError, "xn--"),
        (3, TypeError, "type int, not str"),
        (None, TypeError, "type NoneType, not str"),
        (["a.example", "b.example"], TypeError, "argument of its own"),
    ],
    ids=["empty", "not-ascii", "number", "none", "list"],
)
def test_what_is_not_a_name_is_refused(name: str, error: type[Exception], message: str) -> None:
    """A value that can't be a name raises an error that says why."""
    with pytest.raises(error, match=message):
        throwaway_certificate(name)


@pytest.mark.parametrize("key", ["", "RSA", None, 2048])
def test_what_is_not_a_key_is_refused(key: ThrowawayKey) -> None:
    """A value that isn't one of the keys raises an error."""
    with pytest.raises(ValueError, match="is not a valid ThrowawayKey"):
        throwaway_certificate(key=key)


def test_template_is_the_same_each_time_and_has_no_private_key() -> None:
    """Two stacks with two certificates have the same template, without warnings or a private key."""
    texts = []
    for _ in range(2):
        stack = Stack(App(context={"aws:cdk:bundling-stacks": []}), "Web")
        for number in range(2):
            ServerCertificate(
                stack,
                f"Certificate{number}",
                material=throwaway_material(stack, f"www{number}.example.com"),
            )
        texts.append(json.dumps(Template.from_stack(stack).to_json()))
        Annotations.from_stack(stack).has_no_warning("*", Match.any_value())
    assert texts[0] == texts[1]
    assert "PRIVATE KEY" not in texts[0]

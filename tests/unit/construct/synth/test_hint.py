"""If ACM supports a certificate, the app gets one hint, which can be acknowledged."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aws_cdk import Annotations as AppAnnotations
from aws_cdk import App, Environment, Stack
from aws_cdk.assertions import Annotations, Match

from dev.certificates.keys import KeyType

if TYPE_CHECKING:
    from collections.abc import Callable

    from cdk_iam_server_certificate import ServerCertificate
    from dev.certificates.authority import Authority

    Certify = Callable[..., ServerCertificate]

HINT = Match.string_like_regexp("you can import a certificate with a key of EC P-256 into ACM")


def hints(*stacks: Stack) -> list[str]:
    """Return the constructs that have the hint about ACM."""
    return [
        entry.id for stack in stacks for entry in Annotations.from_stack(stack).find_info("*", HINT)
    ]


def in_region(app: App, region: str) -> Stack:
    """Create a stack in a Region."""
    name = f"In-{region}"
    return Stack(app, name, env=Environment(account="111122223333", region=region))


def test_once_for_an_app(app: App, stack: Stack, certify: Certify) -> None:
    """Only the first certificate of an app gets the hint."""
    other = in_region(app, "us-east-1")
    for each in (stack, other):
        certify(each, "First")
        certify(each, "Second")
    assert hints(stack, other) == ["/Web/First"]


def test_it_says_where_to(stack: Stack, certify: Certify) -> None:
    """Load balancers use ACM in their own Region."""
    certify(stack)
    Annotations.from_stack(stack).has_info(
        "/Web/Certificate", Match.string_like_regexp("Import it into ACM in eu-central-1, unless")
    )


def test_cloudfront_takes_it_from_one_region(stack: Stack, certify: Certify) -> None:
    """CloudFront uses ACM in us-east-1, in whichever Region the stack is."""
    certify(stack, path="/cloudfront/www/")
    Annotations.from_stack(stack).has_info(
        "/Web/Certificate", Match.string_like_regexp("ACM in us-east-1, for CloudFront")
    )


def test_acknowledged_by_the_argument(stack: Stack, certify: Certify) -> None:
    """Acknowledging the code removes the hint."""
    certify(stack, acknowledge=["acm-suffices"])
    assert not hints(stack)


def test_acknowledged_as_an_annotation(stack: Stack, certify: Certify) -> None:
    """The CDK's own acknowledgment removes the hint, too."""
    certify(stack)
    AppAnnotations.of(stack).acknowledge_info("cdk-iam-server-certificate:acm-suffices")
    assert not hints(stack)


@pytest.mark.parametrize(
    ("region", "path", "is_told"),
    [
        ("cn-north-1", "/cloudfront/www/", False),
        ("cn-northwest-1", "/", True),
        ("us-iso-east-1", "/", False),
        ("us-isob-east-1", "/", False),
        ("eu-isoe-west-1", "/", False),
        ("us-gov-west-1", "/", True),
    ],
)
def test_only_where_acm_would_do(
    app: App, certify: Certify, region: str, path: str, *, is_told: bool
) -> None:
    """There is no hint where CloudFront doesn't use ACM, nor in the isolated partitions."""
    stack = in_region(app, region)
    certify(stack, path=path)
    assert bool(hints(stack)) == is_told


def test_unknown_region(app: App, certify: Certify) -> None:
    """A stack without a Region gets no hint."""
    stack = Stack(app, "Anywhere")
    certify(stack)
    assert not hints(stack)


def test_key_that_acm_does_not_take(stack: Stack, certify: Certify, authority: Authority) -> None:
    """ACM doesn't import P-224 keys, so there is no hint."""
    certify(stack, issued=authority.leaf(key_type=KeyType.P224))
    Annotations.from_stack(stack).has_no_info("*", Match.string_like_regexp("into ACM"))


def test_one_acknowledgment_is_for_the_app(stack: Stack, certify: Certify) -> None:
    """An app gets the hint once, so one certificate that acknowledges it silences it, in any order."""
    certify(stack, "First")
    certify(stack, "Second", acknowledge=["acm-suffices"])
    certify(stack, "Third")
    assert not hints(stack)


def test_expired_certificate(stack: Stack, certify: Certify, authority: Authority) -> None:
    """ACM doesn't import a certificate that has expired or isn't valid yet, so there is no hint."""
    day = timedelta(days=1)
    now = authority.at
    certify(stack, "Old", issued=authority.leaf(not_before=now - 9 * day, not_after=now - day))
    certify(stack, "New", issued=authority.leaf(not_before=now + day, not_after=now + 9 * day))
    assert not hints(stack)

"""What each consumer accepts."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from dev.certificates.authority import Authority, Issued, self_signed
from dev.certificates.der import for_pss_only
from dev.certificates.keys import KeyType, rsa_public_key
from server_certificate.certificates.signatures import Signatures
from server_certificate.findings import Finding, Severity
from server_certificate.naming import check_path
from server_certificate.rules.consumers import Consumer, check_consumer
from support.certificates import chain_of, leaf_of
from support.findings import codes, only, places

ROOT = Authority.root("Root")
ISSUER = ROOT.intermediate("Issuer")

NAMED = [consumer for consumer in Consumer if consumer is not Consumer.IAM]
CLOUDFRONT = [Consumer.CLOUDFRONT, Consumer.CLOUDFRONT_CHINA]
LOAD_BALANCERS = [Consumer.ELB, Consumer.ALB, Consumer.NLB]

LEAF_WITH_RSA = ISSUER.leaf(key_type=KeyType.RSA)

LEAVES = {
    "Ed25519": ISSUER.leaf(public_key=ed25519.Ed25519PrivateKey.generate().public_key()),
    "P-224": ISSUER.leaf(key_type=KeyType.P224),
    "P-256": ISSUER.leaf(key_type=KeyType.P256),
    "P-384": ISSUER.leaf(key_type=KeyType.P384),
    "P-521": ISSUER.leaf(key_type=KeyType.P521),
    "RSASSA-PSS": replace(
        LEAF_WITH_RSA, certificate=for_pss_only(LEAF_WITH_RSA.certificate, ISSUER.private_key)
    ),
} | {
    str(bits): ISSUER.leaf(public_key=rsa_public_key(bits))
    for bits in (1023, 1024, 1025, 2048, 3072, 4095, 4096, 4097, 8192, 16_385)
}

TAKEN = {
    "elb": {"P-256", "P-384", "1024", "1025", "2048", "3072", "4095", "4096"},
    "alb": {"P-256", "P-384", "P-521", "1024", "1025", "2048", "3072", "4095", "4096"},
    "nlb": {"P-256", "P-384", "P-521", "1024", "2048", "3072"},
    "cloudfront": {"P-256", "1024", "2048", "3072", "4096"},
    "cloudfront-china": {"P-256", "1024", "2048"},
}
UNCERTAIN = {"cloudfront-china": {"3072", "4096"}}


def check(
    consumer: Consumer, leaf: Issued, *, root: bool = False, path: str | None = None
) -> tuple[Finding, ...]:
    """Check whether a consumer accepts a leaf with its chain."""
    found = check_consumer(
        consumer,
        leaf=leaf_of(leaf),
        chain=chain_of(leaf, root=root),
        path=path,
        signatures=Signatures(),
    )
    return tuple(found)


@pytest.mark.parametrize(("consumer", "key"), list(itertools.product(NAMED, LEAVES)))
def test_keys(consumer: Consumer, key: str) -> None:
    """A consumer accepts exactly the keys that its documentation names."""
    if key in TAKEN[consumer.value]:
        expected = []
    elif key in UNCERTAIN.get(consumer.value, ()):
        expected = [("consumer-key-uncertain", "certificate")]
    else:
        expected = [("consumer-key", "certificate")]
    assert places(check(consumer, LEAVES[key])) == expected


def test_a_key_that_the_documentation_contradicts_itself_about() -> None:
    """It is a warning, because the upload succeeds and only the distribution would fail."""
    found = only(check(Consumer.CLOUDFRONT_CHINA, LEAVES["3072"]))
    assert found.severity is Severity.WARNING
    assert found.message == (
        "the key of 'CN=www.example.com' is RSA 3072; one edition of the documentation says that"
        " CloudFront in China accepts only RSA of 1024 or 2048 bits and EC P-256, another that it"
        " accepts this key, too."
    )
    assert "openssl req -new -out request.pem -newkey rsa:2048 " in found.fix


def test_a_key_that_is_not_taken() -> None:
    """The message names the key, the consumer and the keys it accepts; the fix is a command."""
    found = only(check(Consumer.NLB, LEAVES["4096"]))
    assert found.severity is Severity.ERROR
    assert found.message == (
        "the key of 'CN=www.example.com' is RSA 4096; a Network Load Balancer accepts RSA of 1024,"
        " 2048 or 3072 bits and EC P-256, P-384 or P-521."
    )
    assert "openssl req -new -out request.pem -newkey rsa:2048 " in found.fix
    found = only(check(Consumer.CLOUDFRONT, LEAVES["P-384"]))
    assert found.message.endswith(
        "is EC P-384; CloudFront accepts RSA of 1024, 2048, 3072 or 4096 bits and EC P-256."
    )
    assert " -newkey ec -pkeyopt ec_paramgen_curve:P-256 " in found.fix
    found = only(check(Consumer.ELB, LEAVES["P-521"]))
    assert found.message.endswith(
        "a Classic Load Balancer accepts RSA of 1024 to 4096 bits and EC P-256 or P-384."
    )


DIFFERENCES = {
    "3072": "RSA 3072, accepted by a Classic Load Balancer, an Application Load Balancer, a Network"
    " Load Balancer and CloudFront; for CloudFront in China the documentation is inconsistent.",
    "4096": "RSA 4096, accepted by a Classic Load Balancer, an Application Load Balancer and"
    " CloudFront, but not by a Network Load Balancer; for CloudFront in China the documentation"
    " is inconsistent.",
    "4097": "RSA 4097, not accepted by any of a Classic Load Balancer, an Application Load"
    " Balancer, a Network Load Balancer, CloudFront and CloudFront in China.",
    "4095": "RSA 4095, accepted by a Classic Load Balancer and an Application Load Balancer, but"
    " not by a Network Load Balancer, CloudFront and CloudFront in China.",
    "P-384": "EC P-384, accepted by a Classic Load Balancer, an Application Load Balancer and a"
    " Network Load Balancer, but not by CloudFront and CloudFront in China.",
}


@pytest.mark.parametrize(("key", "words"), DIFFERENCES.items())
def test_consumers_that_differ(key: str, words: str) -> None:
    """Without a consumer, the finding lists those that accept the key and those that don't."""
    found = only(check(Consumer.IAM, LEAVES[key]))
    assert (found.code, found.severity) == ("consumers-differ", Severity.INFO)
    assert found.message == f"the key of 'CN=www.example.com' is {words}"


@pytest.mark.parametrize("key", ["P-256", "1024", "2048", "Ed25519", "RSASSA-PSS", "1023", "16385"])
def test_consumers_that_agree(key: str) -> None:
    """A key that every consumer accepts, or that IAM itself refuses, has no such finding."""
    assert check(Consumer.IAM, LEAVES[key]) == ()


@pytest.mark.parametrize("consumer", CLOUDFRONT)
@pytest.mark.parametrize(
    ("path", "proposal"),
    [
        (None, None),
        ("/cloudfront/", None),
        ("/cloudfront/www/", None),
        ("/", "/cloudfront/"),
        ("/www/", "/cloudfront/www/"),
        ("/www/cloudfront/", "/cloudfront/www/cloudfront/"),
        ("/cloudfronts/", "/cloudfront/cloudfronts/"),
        ("/CloudFront/", "/cloudfront/CloudFront/"),
        ("/cloudfront", "/cloudfront/"),
        ("cloudfront/www", "/cloudfront/www/"),
    ],
)
def test_paths_for_cloudfront(consumer: Consumer, path: str | None, proposal: str | None) -> None:
    """A path must begin with /cloudfront/, and the fix is one that does."""
    findings = check(consumer, LEAVES["P-256"], path=path)
    if proposal is None:
        assert findings == ()
        return
    found = only(findings)
    assert (found.code, found.subject) == ("cloudfront-path", "path")
    assert found.severity is Severity.ERROR
    assert repr(path) in found.message
    assert found.fix == f"Use {proposal!r}."
    assert check_path(proposal) == ()
    assert check(consumer, LEAVES["P-256"], path=proposal) == ()


@pytest.mark.parametrize("consumer", [Consumer.IAM, *LOAD_BALANCERS])
@pytest.mark.parametrize("path", ["/", "/cloudfront/", "/www/"])
def test_paths_for_others(consumer: Consumer, path: str) -> None:
    """Load balancers accept any path."""
    assert check(consumer, LEAVES["P-256"], path=path) == ()


@pytest.mark.parametrize("consumer", Consumer)
def test_roots(consumer: Consumer) -> None:
    """CloudFront recommends a chain without its root; other consumers accept both."""
    leaf = LEAVES["P-256"]
    findings = check(consumer, leaf, root=True)
    if consumer not in CLOUDFRONT:
        assert findings == ()
        return
    found = only(findings)
    assert (found.code, found.subject) == ("cloudfront-root", "chain[1]")
    assert found.severity is Severity.WARNING
    assert found.message == (
        "'CN=Root' is a root certificate; for CloudFront, the chain should end"
        " with the certificate that it issued."
    )
    assert found.fix == "Remove the root from the chain."


def test_a_root_that_is_all_of_the_chain() -> None:
    """No fix says to leave out the only element, because that would be wrong, too."""
    found = only(check(Consumer.CLOUDFRONT, ROOT.leaf(), root=True))
    assert (found.code, found.subject) == ("cloudfront-root", "chain[0]")
    assert "Remove" not in found.fix
    assert "Leave" not in found.fix


@pytest.mark.parametrize("consumer", Consumer)
def test_self_signed_leaves(consumer: Consumer) -> None:
    """CloudFront requires a certificate from a public CA, so a self-signed one is reported."""
    findings = check(consumer, self_signed("shop.example.com"))
    if consumer not in CLOUDFRONT:
        assert findings == ()
        return
    found = only(findings)
    assert (found.code, found.subject) == ("cloudfront-self-signed", "certificate")
    assert found.severity is Severity.WARNING
    assert "'CN=shop.example.com' is self-signed;" in found.message
    assert "DNS:shop.example.com" in found.fix


def test_everything_is_reported_at_once() -> None:
    """Key, path and trust are checked independently."""
    leaf = self_signed(key_type=KeyType.P384)
    assert codes(check(Consumer.CLOUDFRONT, leaf, path="/www/")) == [
        "consumer-key",
        "cloudfront-path",
        "cloudfront-self-signed",
    ]

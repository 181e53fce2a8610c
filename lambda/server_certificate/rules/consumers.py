"""The AWS services that use server certificates, and which certificates each of them accepts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from server_certificate.certificates.subject_names import name_of
from server_certificate.csr_command import request_command
from server_certificate.description import describe_certified_key
from server_certificate.findings import Rule, Severity
from server_certificate.rules.keys import is_taken_by_iam
from server_certificate.secrecy import holds_material

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.certificates.signatures import Signatures
    from server_certificate.description import KeyDescription
    from server_certificate.findings import Finding


class Consumer(Enum):
    """The AWS service that will use a certificate."""

    IAM = "iam"
    """No particular service: only IAM's own rules apply."""

    ELB = "elb"
    """A listener of a Classic Load Balancer."""

    ALB = "alb"
    """A listener of an Application Load Balancer."""

    NLB = "nlb"
    """A TLS listener of a Network Load Balancer."""

    CLOUDFRONT = "cloudfront"
    """A CloudFront distribution outside China."""

    CLOUDFRONT_CHINA = "cloudfront-china"
    """A CloudFront distribution in the China Regions."""

    @property
    def is_cloudfront(self) -> bool:
        """Whether it is a CloudFront distribution."""
        return self in {Consumer.CLOUDFRONT, Consumer.CLOUDFRONT_CHINA}


def _joined(words: Sequence[str], conjunction: str) -> str:
    return f" {conjunction} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


@dataclass(frozen=True, slots=True)
class _Taken:
    """The keys that a consumer accepts."""

    name: str
    """The consumer's name, for messages."""

    rsa: range | tuple[int, ...]
    """Sizes of RSA keys, in bits."""

    curves: tuple[str, ...]
    """Names of the curves of EC keys."""

    uncertain_rsa: tuple[int, ...] = ()
    """Sizes of RSA keys that only some editions of the documentation list."""

    def takes(self, key: KeyDescription) -> bool:
        """Return whether the consumer accepts a key."""
        if key.is_rsa:
            return key.size in self.rsa
        return key.algorithm in {f"EC {curve}" for curve in self.curves}

    def is_uncertain_about(self, key: KeyDescription) -> bool:
        """Return whether the documentation is inconsistent about a key."""
        return key.is_rsa and key.size in self.uncertain_rsa

    def __str__(self) -> str:
        """Return a description of the keys, for messages."""
        if isinstance(self.rsa, range):
            sizes = f"of {self.rsa.start} to {self.rsa.stop - 1} bits"
        else:
            sizes = f"of {_joined([str(size) for size in self.rsa], 'or')} bits"
        return f"RSA {sizes} and EC {_joined(self.curves, 'or')}"


_TAKEN = {
    Consumer.ELB: _Taken("a Classic Load Balancer", range(1024, 4097), ("P-256", "P-384")),
    Consumer.ALB: _Taken(
        "an Application Load Balancer", range(1024, 4097), ("P-256", "P-384", "P-521")
    ),
    Consumer.NLB: _Taken(
        "a Network Load Balancer", (1024, 2048, 3072), ("P-256", "P-384", "P-521")
    ),
    Consumer.CLOUDFRONT: _Taken("CloudFront", (1024, 2048, 3072, 4096), ("P-256",)),
    Consumer.CLOUDFRONT_CHINA: _Taken(
        "CloudFront in China", (1024, 2048), ("P-256",), uncertain_rsa=(3072, 4096)
    ),
}

CLOUDFRONT_PATH_PREFIX = "/cloudfront/"
_CLOUDFRONT_GUIDE = (
    "CloudFront developer guide, Requirements for using SSL/TLS certificates with CloudFront"
)
CONSUMER_KEY = Rule(
    code="consumer-key",
    severity=Severity.ERROR,
    why="IAM accepts more kinds of keys than the services that use its certificates, so the upload"
    " can succeed and the deployment can still fail. Accepted keys: "
    + "; ".join(f"`{consumer.value}`: {taken}" for consumer, taken in _TAKEN.items())
    + ". A Network Load Balancer was observed to accept a certificate with RSA 4096, but to serve"
    " no connections with it.",
    fix="Request a certificate for an RSA key of 2,048 bits or an EC key on P-256, which all"
    " consumers support.",
    source=f"{_CLOUDFRONT_GUIDE}; Elastic Load Balancing user guides, on server certificates and"
    " TLS listeners; observed",
    acknowledged="The certificate is uploaded, and the consumer decides.",
)
CONSUMER_KEY_UNCERTAIN = Rule(
    code="consumer-key-uncertain",
    severity=Severity.WARNING,
    why="The documentation is inconsistent. CloudFront's developer guide lists RSA keys of 3,072"
    " and 4,096 bits; earlier editions, which the China Regions may follow, end at 2,048 bits. The"
    " upload succeeds either way, but the distribution may reject the certificate.",
    fix="Request a certificate for an RSA key of 2,048 bits or an EC key on P-256, or try the"
    " certificate with a distribution that has no traffic yet.",
    source=_CLOUDFRONT_GUIDE,
    acknowledged="The certificate is uploaded, and CloudFront decides.",
)
CLOUDFRONT_PATH = Rule(
    code="cloudfront-path",
    severity=Severity.ERROR,
    why="CloudFront only finds certificates whose path begins with `/cloudfront/`.",
    fix="Set the path to `/cloudfront/` or to a path below it, such as `/cloudfront/www/`.",
    source="IAM user guide, Manage server certificates in IAM; IAM API reference,"
    " UploadServerCertificate, Path",
    acknowledged="The certificate is uploaded under the given path. You can still move it with"
    " `UpdateServerCertificate`.",
)
CLOUDFRONT_ROOT = Rule(
    code="cloudfront-root",
    severity=Severity.WARNING,
    why="The chain of a certificate for CloudFront should contain only the intermediate"
    " certificates. Clients either have the root, or don't trust it.",
    fix="Remove the root from the chain.",
    source=_CLOUDFRONT_GUIDE,
    acknowledged="The chain is uploaded with the root.",
)
CLOUDFRONT_SELF_SIGNED = Rule(
    code="cloudfront-self-signed",
    severity=Severity.WARNING,
    why="CloudFront requires a certificate from a certificate authority that Mozilla trusts. It"
    " rejects others when you create or update the distribution.",
    fix="Request a certificate from a public certificate authority.",
    source=_CLOUDFRONT_GUIDE,
    acknowledged="The certificate is uploaded, and CloudFront decides.",
)
CONSUMERS_DIFFER = Rule(
    code="consumers-differ",
    severity=Severity.INFO,
    why="IAM accepts the key, but not every service that uses IAM's certificates does; see"
    " `consumer-key`. The finding is reported only if no consumer is specified.",
    fix="Specify the consumer to check the certificate for it.",
    source=CONSUMER_KEY.source,
    acknowledged="Nothing changes, because the finding is informational.",
)
RULES = (
    CONSUMER_KEY,
    CONSUMER_KEY_UNCERTAIN,
    CLOUDFRONT_PATH,
    CLOUDFRONT_ROOT,
    CLOUDFRONT_SELF_SIGNED,
    CONSUMERS_DIFFER,
)


def check_consumer(
    consumer: Consumer,
    *,
    leaf: LocatedCertificate,
    chain: Sequence[LocatedCertificate],
    path: str | None,
    signatures: Signatures,
) -> Iterator[Finding]:
    """
    Check whether a consumer accepts a certificate.

    Args:
        consumer: The service that will use it. For ``IAM``, report which services can't use it.
        leaf: The server's own certificate.
        chain: Its chain, in order.
        path: Its path; None to skip this check.
        signatures: Verifies who signed which certificate.
    """
    key = describe_certified_key(leaf.certificate)
    if consumer is Consumer.IAM:
        yield from _compare_consumers(leaf, key)
        return
    yield from _check_key(consumer, leaf, key)
    if consumer.is_cloudfront:
        yield from check_cloudfront_path(path)
        yield from _check_trust(leaf, chain, signatures)


def _compare_consumers(leaf: LocatedCertificate, key: KeyDescription) -> Iterator[Finding]:
    unsure = [taken.name for taken in _TAKEN.values() if taken.is_uncertain_about(key)]
    takers = [taken.name for taken in _TAKEN.values() if taken.takes(key)]
    others = [taken.name for taken in _TAKEN.values() if taken.name not in {*takers, *unsure}]
    if not (others or unsure) or not is_taken_by_iam(key):
        return
    if not takers:
        verdict = f"not accepted by any of {_joined(others, 'and')}"
    else:
        verdict = f"accepted by {_joined(takers, 'and')}"
        verdict += f", but not by {_joined(others, 'and')}" if others else ""
    if unsure:
        verdict += f"; for {_joined(unsure, 'and')} the documentation is inconsistent"
    message = f"the key of {name_of(leaf.certificate)} is {key}, {verdict}."
    yield CONSUMERS_DIFFER.finding(leaf.subject, message, "")


def _check_key(
    consumer: Consumer, leaf: LocatedCertificate, key: KeyDescription
) -> Iterator[Finding]:
    taken = _TAKEN[consumer]
    if taken.takes(key):
        return
    fix = f"Request a certificate for a supported key: {request_command(leaf.certificate)}"
    message = f"the key of {name_of(leaf.certificate)} is {key}; "
    if taken.is_uncertain_about(key):
        message += (
            f"one edition of the documentation says that {taken.name} accepts only {taken}, another"
            " that it accepts this key, too."
        )
        yield CONSUMER_KEY_UNCERTAIN.finding(leaf.subject, message, fix)
    else:
        yield CONSUMER_KEY.finding(leaf.subject, f"{message}{taken.name} accepts {taken}.", fix)


def check_cloudfront_path(path: str | None) -> Iterator[Finding]:
    """
    Check whether CloudFront finds a certificate under a path.

    Args:
        path: The path of the certificate; None to skip this check.
    """
    if path is None or path.startswith(CLOUDFRONT_PATH_PREFIX) or holds_material(path):
        return
    inner = path.strip("/")
    if inner.partition("/")[0] != CLOUDFRONT_PATH_PREFIX.strip("/"):
        inner = f"{CLOUDFRONT_PATH_PREFIX.strip('/')}/{inner}".rstrip("/")
    yield CLOUDFRONT_PATH.finding(
        "path",
        f"{path!r} doesn't begin with {CLOUDFRONT_PATH_PREFIX!r}, so CloudFront can't find the"
        " certificate.",
        f"Use {f'/{inner}/'!r}.",
    )


def _check_trust(
    leaf: LocatedCertificate, chain: Sequence[LocatedCertificate], signatures: Signatures
) -> Iterator[Finding]:
    if signatures.is_self_signed(leaf.certificate):
        yield CLOUDFRONT_SELF_SIGNED.finding(
            leaf.subject,
            f"{name_of(leaf.certificate)} is self-signed; CloudFront only accepts certificates from"
            " public certificate authorities.",
            f"Request one: {request_command(leaf.certificate)}",
        )
    if chain and signatures.is_self_signed(chain[-1].certificate):
        yield CLOUDFRONT_ROOT.finding(
            chain[-1].subject,
            f"{name_of(chain[-1].certificate)} is a root certificate; for CloudFront, the chain"
            " should end with the certificate that it issued.",
            # Without the only certificate there would be no chain, which isn't better.
            None
            if len(chain) > 1
            else "Request a certificate from an intermediate certificate authority, as public"
            " authorities issue them.",
        )

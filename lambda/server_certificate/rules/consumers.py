"""Who uses a server certificate, and which certificates each of them takes."""

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
    """What a certificate is meant for."""

    IAM = "iam"
    """Nothing in particular: only IAM's own rules count."""

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
    """The keys that a consumer takes."""

    name: str
    """What to call the consumer in a sentence."""

    rsa: range | tuple[int, ...]
    """Bits of RSA keys."""

    curves: tuple[str, ...]
    """Curves of EC keys."""

    uncertain_rsa: tuple[int, ...] = ()
    """Bits of RSA keys that one edition of its documentation lists and another does not."""

    def takes(self, key: KeyDescription) -> bool:
        """Tell whether a key is among them."""
        if key.is_rsa:
            return key.size in self.rsa
        return key.algorithm in {f"EC {curve}" for curve in self.curves}

    def is_uncertain_about(self, key: KeyDescription) -> bool:
        """Tell whether its documentation says of a key both that it is taken and that it is not."""
        return key.is_rsa and key.size in self.uncertain_rsa

    def __str__(self) -> str:
        """Return the keys in words."""
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
    why="IAM takes more kinds of keys than those who use its certificates, so an upload can succeed"
    " and the deployment fail. These are taken: "
    + "; ".join(f"`{consumer.value}`: {taken}" for consumer, taken in _TAKEN.items())
    + ". A Network Load Balancer was seen to accept a certificate with RSA 4096, and to serve"
    " nothing with it.",
    fix="Have the certificate issued for an RSA key of 2,048 bits or an EC key on P-256, which all"
    " of them take.",
    source=f"{_CLOUDFRONT_GUIDE}; Elastic Load Balancing user guides, on server certificates and"
    " TLS listeners; observed",
    acknowledged="It is uploaded, and the consumer decides.",
)
CONSUMER_KEY_UNCERTAIN = Rule(
    code="consumer-key-uncertain",
    severity=Severity.WARNING,
    why="The documentation contradicts itself: CloudFront's developer guide lists RSA of 3,072 and"
    " 4,096 bits, and earlier editions, which the China Regions may follow, end at 2,048. An upload"
    " succeeds either way, and the distribution may refuse the certificate.",
    fix="Have the certificate issued for an RSA key of 2,048 bits or an EC key on P-256, or try it"
    " with a distribution that serves nobody yet.",
    source=_CLOUDFRONT_GUIDE,
    acknowledged="It is uploaded, and CloudFront decides.",
)
CLOUDFRONT_PATH = Rule(
    code="cloudfront-path",
    severity=Severity.ERROR,
    why="CloudFront finds only certificates whose path begins with `/cloudfront/`.",
    fix="Set the path to `/cloudfront/`, or to one below it such as `/cloudfront/www/`.",
    source="IAM user guide, Manage server certificates in IAM; IAM API reference,"
    " UploadServerCertificate, Path",
    acknowledged="It is uploaded under the path as it is; `UpdateServerCertificate` can still move"
    " it.",
)
CLOUDFRONT_ROOT = Rule(
    code="cloudfront-root",
    severity=Severity.WARNING,
    why="The chain of a certificate for CloudFront should hold the intermediates only: clients have"
    " the root, or don't trust it.",
    fix="Leave the root out of the chain.",
    source=_CLOUDFRONT_GUIDE,
    acknowledged="The chain is uploaded with the root.",
)
CLOUDFRONT_SELF_SIGNED = Rule(
    code="cloudfront-self-signed",
    severity=Severity.WARNING,
    why="CloudFront wants a certificate of an authority that Mozilla trusts, and refuses others"
    " when the distribution is created or updated.",
    fix="Have the certificate issued by a public authority.",
    source=_CLOUDFRONT_GUIDE,
    acknowledged="It is uploaded, and CloudFront decides.",
)
CONSUMERS_DIFFER = Rule(
    code="consumers-differ",
    severity=Severity.INFO,
    why="IAM takes the key, and not everybody who uses certificates of IAM does; see"
    " `consumer-key`. It is said only where no consumer is named.",
    fix="Name the consumer, to have the certificate judged for it.",
    source=CONSUMER_KEY.source,
    acknowledged="Nothing changes: it weighs nothing in any case.",
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
    Judge whether a consumer takes a certificate.

    Args:
        consumer: Who shall use it; for ``IAM``, whether all others could is told.
        leaf: The server's own certificate.
        chain: What certifies it, in order.
        path: The path it shall have; None to judge none.
        signatures: What is known about who certified whom.
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
        verdict = f"taken by none of {_joined(others, 'and')}"
    else:
        verdict = f"taken by {_joined(takers, 'and')}"
        verdict += f", but not by {_joined(others, 'and')}" if others else ""
    if unsure:
        verdict += f"; about {_joined(unsure, 'and')} the documentation contradicts itself"
    message = f"the key of {name_of(leaf.certificate)} is {key}, {verdict}."
    yield CONSUMERS_DIFFER.finding(leaf.subject, message, "")


def _check_key(
    consumer: Consumer, leaf: LocatedCertificate, key: KeyDescription
) -> Iterator[Finding]:
    taken = _TAKEN[consumer]
    if taken.takes(key):
        return
    fix = f"Have one issued for such a key: {request_command(leaf.certificate)}"
    message = f"the key of {name_of(leaf.certificate)} is {key}; "
    if taken.is_uncertain_about(key):
        message += (
            f"one edition of the documentation says that {taken.name} takes {taken}, and another that"
            " it takes this one as well."
        )
        yield CONSUMER_KEY_UNCERTAIN.finding(leaf.subject, message, fix)
    else:
        yield CONSUMER_KEY.finding(leaf.subject, f"{message}{taken.name} takes {taken}.", fix)


def check_cloudfront_path(path: str | None) -> Iterator[Finding]:
    """
    Judge whether CloudFront finds a certificate under a path.

    Args:
        path: The path of the certificate; None to judge none.
    """
    if path is None or path.startswith(CLOUDFRONT_PATH_PREFIX) or holds_material(path):
        return
    inner = path.strip("/")
    if inner.partition("/")[0] != CLOUDFRONT_PATH_PREFIX.strip("/"):
        inner = f"{CLOUDFRONT_PATH_PREFIX.strip('/')}/{inner}".rstrip("/")
    yield CLOUDFRONT_PATH.finding(
        "path",
        f"{path!r} does not begin with {CLOUDFRONT_PATH_PREFIX!r}; CloudFront finds no certificate there.",
        f"Write {f'/{inner}/'!r}.",
    )


def _check_trust(
    leaf: LocatedCertificate, chain: Sequence[LocatedCertificate], signatures: Signatures
) -> Iterator[Finding]:
    if signatures.is_self_signed(leaf.certificate):
        yield CLOUDFRONT_SELF_SIGNED.finding(
            leaf.subject,
            f"{name_of(leaf.certificate)} signed itself; CloudFront takes certificates of public"
            " authorities only.",
            f"Have one issued: {request_command(leaf.certificate)}",
        )
    if chain and signatures.is_self_signed(chain[-1].certificate):
        yield CLOUDFRONT_ROOT.finding(
            chain[-1].subject,
            f"{name_of(chain[-1].certificate)} is a root; for CloudFront the chain should end below"
            " it.",
            # Without any chain, a leaf that did not sign itself is no better.
            None
            if len(chain) > 1
            else "Have the leaf issued by an intermediate authority, as public ones do.",
        )

"""Errors of IAM whose text, or whose order, isn't published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import rsa

from dev.acceptance.errors import described, refusal
from dev.acceptance.findings import Question, compared, recorded
from dev.certificates.authority import Authority, Fault
from dev.certificates.keys import KeyType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.acceptance.findings import Finding
    from dev.acceptance.inquiry import Inquiry

_UNPARSABLE = "MalformedCertificate: Unable to parse certificate. Please ensure the certificate is in PEM format."
_CHAIN = "MalformedCertificate: Unable to validate certificate chain."
_LARGE_KEY_BITS = 4608
"""Just over 4096: larger keys take minutes to make."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """An upload, and how its answer must begin; empty if nothing is known."""

    asked: str
    request: dict[str, Any]
    begins: str = ""


def _ask_material(inquiry: Inquiry) -> Iterator[Finding]:
    for case in _material(inquiry):
        error = refusal(inquiry.iam.upload_server_certificate, **case.request)
        if error is None:
            inquiry.discard(case.request["ServerCertificateName"])
        yield _finding(case, described(error))


def _ask_parameters(inquiry: Inquiry) -> Iterator[Finding]:
    taken = inquiry.upload("taken")["ServerCertificateName"]
    for case in (*_parameters(inquiry), *_orders(inquiry, taken)):
        error = refusal(inquiry.iam.upload_server_certificate, **case.request)
        if error is None:
            inquiry.discard(case.request["ServerCertificateName"])
        yield _finding(case, described(error))
    error = refusal(inquiry.iam.list_server_certificates, Marker="no-page-returned-this")
    yield recorded("A listing with a marker that no page has returned", seen=described(error))
    yield from _tags(inquiry, taken)
    inquiry.discard(taken)


def _finding(case: _Case, seen: str) -> Finding:
    if not case.begins:
        return recorded(case.asked, seen=seen)
    matches = seen == "accepted" if case.begins == "accepted" else seen.startswith(case.begins)
    return compared(case.asked, expected=case.begins, seen=seen, matches=matches)


def _material(inquiry: Inquiry) -> Iterator[_Case]:
    leaf, authority = inquiry.leaf(), inquiry.authority
    yield _Case(
        asked="The private key of another certificate",
        request=inquiry.request("mismatch", leaf) | {"PrivateKey": inquiry.leaf().key_pem()},
        begins="KeyPairMismatch: ",
    )
    yield _Case(
        asked="An encrypted private key",
        request=inquiry.request("encrypted", leaf)
        | {"PrivateKey": leaf.key_pem(password="secret")},  # noqa: S106 - it protects nothing
        begins="MalformedCertificate: ",
    )
    yield _Case(
        asked="An Ed25519 key",
        request=inquiry.request("ed25519", authority.leaf(key_type=KeyType.ED25519)),
    )
    yield _Case(
        asked="A certificate that is signed with SHA-1",
        request=inquiry.request("sha1", authority.leaf(fault=Fault.SHA1)),
    )
    large = rsa.generate_private_key(public_exponent=65537, key_size=_LARGE_KEY_BITS)
    yield _Case(
        asked=f"An RSA key of {_LARGE_KEY_BITS} bits",
        request=inquiry.request("large", authority.leaf(key_type=KeyType.RSA, key=large)),
    )
    expired = authority.leaf(fault=Fault.EXPIRED)
    yield _Case(
        asked="An expired certificate",
        request=inquiry.request("expired", expired),
        begins="MalformedCertificate: Certificate is no longer valid. The 'Not After' date"
        " restriction on the certificate has passed.",
    )
    yield from _chains(inquiry)


def _chains(inquiry: Inquiry) -> Iterator[_Case]:
    upper = Authority.root("Example Root of Three", at=inquiry.authority.at).intermediate("Upper")
    leaf = upper.intermediate("Lower").leaf()
    lower, upper_pem, root = leaf.chain_pem().split("-----END CERTIFICATE-----\n")[:3]
    end = "-----END CERTIFICATE-----\n"
    yield _Case(
        asked="A chain that begins with another authority: which index?",
        request=inquiry.request("chain-foreign", leaf)
        | {"CertificateChain": inquiry.authority.leaf().chain_pem()},
        begins=f"{_CHAIN} The certificate chain must start with the immediate signing certificate,"
        " followed by any intermediaries in order. The index within the chain of the invalid"
        " certificate is: -1",
    )
    for asked, suffix, chain in (
        (
            "A chain that lacks its second of three certificates",
            "chain-gap",
            lower + end + root + end,
        ),
        ("A chain in reverse order", "chain-reversed", root + end + upper_pem + end + lower + end),
        (
            "A chain that begins with the certificate itself",
            "chain-leaf",
            leaf.pem + leaf.chain_pem(),
        ),
        ("A chain with text before its first block", "chain-text", f"text\n{leaf.chain_pem()}"),
    ):
        yield _Case(
            asked=f"{asked}: which index?",
            request=inquiry.request(suffix, leaf) | {"CertificateChain": chain},
            begins=_CHAIN,
        )


def _parameters(inquiry: Inquiry) -> Iterator[_Case]:
    request = inquiry.request("parameters")
    name = request["ServerCertificateName"]
    yield _Case(
        asked="A name with a space",
        request=request | {"ServerCertificateName": f"{name} x"},
        begins="ValidationError: The specified value for serverCertificateName is invalid. It must"
        " contain only alphanumeric characters and/or the following: +=,.@_-",
    )
    yield _Case(
        asked="A path without slashes",
        request=request | {"Path": "acceptance"},
        begins="ValidationError: The specified value for path is invalid. It must begin and end with"
        " / and contain only alphanumeric characters and/or / characters.",
    )
    yield _Case(
        asked="A tag key with the reserved prefix aws:",
        request=request | {"Tags": [{"Key": "aws:x", "Value": "y"}]},
    )
    twice = [{"Key": "team", "Value": "a"}, {"Key": "team", "Value": "b"}]
    yield _Case(
        asked="The same tag key twice in one request",
        request=request | {"Tags": [*inquiry.run.tags, *twice]},
        begins="InvalidInput: Duplicate tag keys found.",
    )
    yield _Case(
        asked="A name of 129 characters",
        request=request | {"ServerCertificateName": name.ljust(129, "x")},
        begins="ValidationError: 1 validation error detected: Value",
    )


def _orders(inquiry: Inquiry, taken: str) -> Iterator[_Case]:
    """Yield uploads with two faults, to see which is reported."""
    leaf, other = inquiry.leaf(), inquiry.leaf()
    foreign = Authority.root("Example Other Root", at=inquiry.authority.at).leaf().chain_pem()
    expired = inquiry.authority.leaf(fault=Fault.EXPIRED)
    request = inquiry.request("order", leaf)
    for asked, changes in (
        (
            "a name that is taken, or a certificate that can't be read",
            {"ServerCertificateName": taken, "CertificateBody": "x"},
        ),
        (
            "duplicate tag keys, or a certificate that can't be read",
            {"Tags": [{"Key": "a", "Value": ""}] * 2, "CertificateBody": "x"},
        ),
        (
            "an expired certificate, or the key of another one",
            {"CertificateBody": expired.pem, "PrivateKey": other.key_pem()},
        ),
        (
            "an expired certificate, or a chain of another one",
            {
                "CertificateBody": expired.pem,
                "PrivateKey": expired.key_pem(),
                "CertificateChain": foreign,
            },
        ),
        (
            "the key of another certificate, or a chain of another one",
            {"PrivateKey": other.key_pem(), "CertificateChain": foreign},
        ),
    ):
        yield _Case(asked=f"What is reported first: {asked}?", request=request | changes)


def _tags(inquiry: Inquiry, taken: str) -> Iterator[Finding]:
    tags = [{"Key": "Team", "Value": "a"}, {"Key": "team", "Value": "b"}]
    error = refusal(inquiry.iam.tag_server_certificate, ServerCertificateName=taken, Tags=tags)
    yield compared(
        "Two tag keys that differ only in case",
        expected="accepted: tag keys of server certificates are case-sensitive (IAM User Guide)",
        seen=described(error),
        matches=error is None,
    )
    # Only the case of its end differs: the prefix is the run's.
    request = inquiry.request("TAKEN")
    error = refusal(inquiry.iam.upload_server_certificate, **request)
    yield recorded("A name that differs from another one only in case", seen=described(error))
    if error is None:
        inquiry.discard(request["ServerCertificateName"])


MATERIAL = Question(
    key="texts-of-material",
    title="What IAM says about certificates, keys and chains",
    relies="The checks refuse what IAM refuses, before anything is deployed. The local cloud answers"
    " with the same texts.",
    ask=_ask_material,
)
PARAMETERS = Question(
    key="texts-of-parameters",
    title="What IAM says about names, paths, tags and markers",
    relies="The same. Names that differ only in case are never both used.",
    ask=_ask_parameters,
)

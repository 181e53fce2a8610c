"""The errors of IAM's server-certificate actions: code, HTTP status and text."""

from __future__ import annotations


class IamError(Exception):
    """
    An error of IAM.

    Attributes:
        code: The code on the wire, without the "Exception" suffix of the SDKs.
        status: The HTTP status; 4xx is the sender's fault, 5xx the receiver's.
        message: The text.
    """

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.status = status
        self.message = message


def validation_error(message: str) -> IamError:
    """A parameter breaks its declared constraint (Common Errors of the IAM API)."""
    return IamError("ValidationError", message)


def invalid_input(message: str) -> IamError:
    """Each parameter is well-formed, but they don't fit together."""
    return IamError("InvalidInput", message)


def no_such_entity(name: str) -> IamError:
    """The account has no server certificate with this name."""
    return IamError(
        "NoSuchEntity",
        f"The Server Certificate with name {name} cannot be found.",
        status=404,
    )


def entity_already_exists(name: str) -> IamError:
    """The account already has a server certificate with this name, whatever its path."""
    return IamError(
        "EntityAlreadyExists",
        f"The Server Certificate with name {name} already exists.",
        status=409,
    )


def certificate_quota_exceeded(quota: int) -> IamError:
    """The account has reached its quota of server certificates."""
    return IamError(
        "LimitExceeded",
        f"Cannot exceed quota for ServerCertificatesPerAccount: {quota}",
        status=409,
    )


def tag_limit_exceeded() -> IamError:
    """The certificate would have more tags than IAM allows."""
    return IamError(
        "LimitExceeded", "The number of tags has reached the maximum limit.", status=409
    )


def used_by_load_balancer(certificate_id: str, load_balancer_arn: str) -> IamError:
    """A listener of a load balancer still uses the certificate."""
    return IamError(
        "DeleteConflict",
        f"Certificate: {certificate_id} is currently in use by {load_balancer_arn}. "
        "Please remove it first before deleting it from IAM.",
        status=409,
    )


def used_by_cloudfront(certificate_id: str) -> IamError:
    """
    A distribution still uses the certificate.

    The text doesn't name it (CloudFront Developer Guide, "Troubleshooting distribution issues").
    """
    return IamError(
        "DeleteConflict",
        f"Certificate: {certificate_id} is being used by CloudFront.",
        status=409,
    )


def unparsable_certificate() -> IamError:
    """A certificate, key or chain can't be read."""
    return IamError(
        "MalformedCertificate",
        "Unable to parse certificate. Please ensure the certificate is in PEM format.",
    )


def expired_certificate() -> IamError:
    """The server certificate has expired."""
    return IamError(
        "MalformedCertificate",
        "Certificate is no longer valid. "
        "The 'Not After' date restriction on the certificate has passed.",
    )


def invalid_chain(index: int) -> IamError:
    """
    The chain is broken.

    Args:
        index: The position in the chain of the certificate that the next one didn't sign;
            -1 is the server certificate itself.
    """
    return IamError(
        "MalformedCertificate",
        "Unable to validate certificate chain. The certificate chain must start with the "
        "immediate signing certificate, followed by any intermediaries in order. "
        f"The index within the chain of the invalid certificate is: {index}",
    )


def key_pair_mismatch() -> IamError:
    """
    The private key belongs to another certificate.

    The text is the API reference's description of the error: the real one isn't published.
    """
    return IamError(
        "KeyPairMismatch", "The public key certificate and the private key do not match."
    )


def tagging_unsupported(action: str) -> IamError:
    """There is no such action (Common Errors of the query protocol)."""
    return IamError("InvalidAction", f"Could not find operation {action} for version 2010-05-08")


def tag_on_create_unsupported() -> IamError:
    """An upload can't have tags. The real text isn't published."""
    return IamError("UnsupportedOperation", "Tags are not supported for this operation.")

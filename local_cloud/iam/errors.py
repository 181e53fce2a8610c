"""The errors of IAM's server-certificate actions: code, HTTP status and text."""

from __future__ import annotations


class IamError(Exception):
    """
    A refusal as IAM words it.

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
    """Say that a parameter breaks its declared constraint (Common Errors of the IAM API)."""
    return IamError("ValidationError", message)


def invalid_input(message: str) -> IamError:
    """Say that parameters are well-formed each, yet wrong together."""
    return IamError("InvalidInput", message)


def no_such_entity(name: str) -> IamError:
    """Say that the account holds no server certificate of that name."""
    return IamError(
        "NoSuchEntity",
        f"The Server Certificate with name {name} cannot be found.",
        status=404,
    )


def entity_already_exists(name: str) -> IamError:
    """Say that the account already holds a server certificate of that name, whatever its path."""
    return IamError(
        "EntityAlreadyExists",
        f"The Server Certificate with name {name} already exists.",
        status=409,
    )


def certificate_quota_exceeded(quota: int) -> IamError:
    """Say that the account holds as many server certificates as it may."""
    return IamError(
        "LimitExceeded",
        f"Cannot exceed quota for ServerCertificatesPerAccount: {quota}",
        status=409,
    )


def tag_limit_exceeded() -> IamError:
    """Say that the certificate would carry more tags than IAM allows."""
    return IamError(
        "LimitExceeded", "The number of tags has reached the maximum limit.", status=409
    )


def delete_conflict(certificate_id: str, consumer_arn: str) -> IamError:
    """Say which load balancer or distribution still refers to the certificate."""
    return IamError(
        "DeleteConflict",
        f"Certificate: {certificate_id} is currently in use by {consumer_arn}. "
        "Please remove it first before deleting it from IAM.",
        status=409,
    )


def unparsable_certificate() -> IamError:
    """Say what IAM says of any certificate, key or chain that it can't read."""
    return IamError(
        "MalformedCertificate",
        "Unable to parse certificate. Please ensure the certificate is in PEM format.",
    )


def expired_certificate() -> IamError:
    """Say that the leaf's validity is over."""
    return IamError(
        "MalformedCertificate",
        "Certificate is no longer valid. "
        "The 'Not After' date restriction on the certificate has passed.",
    )


def invalid_chain(index: int) -> IamError:
    """
    Say where the chain breaks.

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
    Say that the private key belongs to another certificate.

    The text is the API reference's description of the error: the text on the wire is published
    nowhere.
    """
    return IamError(
        "KeyPairMismatch", "The public key certificate and the private key do not match."
    )


def tagging_unsupported(action: str) -> IamError:
    """Say that there is no such action, as the query protocol does (Common Errors)."""
    return IamError("InvalidAction", f"Could not find operation {action} for version 2010-05-08")


def tag_on_create_unsupported() -> IamError:
    """Say that an upload can't carry tags; the text on the wire is published nowhere."""
    return IamError("UnsupportedOperation", "Tags are not supported for this operation.")

"""Validate the arguments of ``DistributionCertificate``."""

from __future__ import annotations

import inspect
from typing import Any, Final

from aws_cdk import aws_cloudfront as cloudfront

from server_certificate.secrecy import quoted

_NEEDED: Final = ("server_certificate_id", "server_certificate_path")


def check_certificate(certificate: object) -> None:
    """
    Check that a value has the attributes that CloudFront needs.

    Raises:
        TypeError: It hasn't.
    """
    # Reading an attribute can raise an error of its own, which would be reported too early.
    missing = object()
    if all(inspect.getattr_static(certificate, each, missing) is not missing for each in _NEEDED):
        return
    raise TypeError(
        f"certificate is of type {type(certificate).__name__}, but must be a ServerCertificate. Import an"
        " existing one with ServerCertificate.from_server_certificate_attributes(…). Pass a"
        " certificate from ACM to the distribution itself, as certificate=."
    )


def check_protocol(
    protocol: cloudfront.SecurityPolicyProtocol | None, method: cloudfront.SSLMethod
) -> None:
    """
    Check that CloudFront accepts a security policy together with a method.

    Raises:
        TypeError: One of them has the wrong type.
        ValueError: They can't be combined.
    """
    if protocol is not None:
        _check_member(
            "minimum_protocol_version", protocol, cloudfront.SecurityPolicyProtocol, "TLS_V1_2_2021"
        )
    _check_member("ssl_support_method", method, cloudfront.SSLMethod, "SNI")
    is_vip = method is cloudfront.SSLMethod.VIP
    if protocol is cloudfront.SecurityPolicyProtocol.SSL_V3 and not is_vip:
        raise ValueError(
            "minimum_protocol_version is SSL_V3, but"
            f" SSLMethod.{method.name} requires TLS. Use TLS_V1 or later, or omit"
            " minimum_protocol_version to use TLS_V1_2_2021."
        )
    if is_vip and protocol is None:
        raise ValueError(
            "ssl_support_method is SSLMethod.VIP, which requires minimum_protocol_version. Set it"
            " to TLS_V1 or SSL_V3, or omit ssl_support_method to use SSLMethod.SNI."
        )


def checked_aliases(aliases: object) -> list[str]:
    """
    Return the domain names as a list.

    Raises:
        TypeError: They are not a list of strings.
    """
    if isinstance(aliases, str):
        raise TypeError(
            f"aliases is the string {quoted(aliases)}, but must be a list of domain names. Write"
            f" [{quoted(aliases)}]."
        )
    if not isinstance(aliases, list | tuple):
        raise TypeError(
            f"aliases is of type {type(aliases).__name__}, but must be a list of domain names."
        )
    for alias in aliases:
        if not isinstance(alias, str):
            raise TypeError(
                f"aliases contains {quoted(alias)} of type {type(alias).__name__}, but must be a list of"
                " domain names."
            )
    return list(aliases)


def _check_member(argument: str, value: object, enum: Any, example: str) -> None:  # noqa: ANN401 - an enum of jsii
    if not isinstance(value, enum):
        raise TypeError(
            f"{argument} is {quoted(value)} of type {type(value).__name__}, but must be a member of"
            f" {enum.__name__}, such as {enum.__name__}.{example}."
        )

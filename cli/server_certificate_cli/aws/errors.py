"""Turn boto3's errors into messages that say how to fix the problem."""

from __future__ import annotations

import contextlib
import difflib
import re
from typing import TYPE_CHECKING

from botocore import exceptions as aws
from botocore.parsers import ResponseParserError
from botocore.session import Session

from server_certificate_cli.errors import CommandError, RefusedError
from server_certificate_cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCESS_DENIED = "AccessDenied"
"""The one code for access denied, in place of each service's own code."""

EXPIRED = "ExpiredToken"
THROTTLED = "Throttling"

_DENIED = {ACCESS_DENIED, "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedException"}
_ANSWERS: tuple[tuple[frozenset[str], str | None, str], ...] = (
    (
        frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}),
        EXPIRED,
        "The AWS credentials have expired{reason}. Sign in again, or get a new session token.",
    ),
    (
        frozenset(
            {
                "InvalidClientTokenId",
                "InvalidAccessKeyId",
                "UnrecognizedClientException",
                "MissingAuthenticationToken",
                "MissingAuthenticationTokenException",
                "AuthFailure",
            }
        ),
        None,
        (
            "AWS does not recognize the credentials{reason}. Check the access key, the session token and"
            " the partition."
        ),
    ),
    (
        frozenset(
            {
                "SignatureDoesNotMatch",
                "InvalidSignatureException",
                "IncompleteSignature",
                "RequestExpired",
                "RequestTimeTooSkewed",
            }
        ),
        None,
        (
            "AWS rejected the signature of the request{reason}. Check the secret access key and the"
            " clock of your computer."
        ),
    ),
    (
        frozenset(
            {
                "Throttling",
                "ThrottlingException",
                "ThrottledException",
                "TooManyRequestsException",
                "RequestLimitExceeded",
                "RequestThrottled",
            }
        ),
        THROTTLED,
        (
            "{service} throttled the request, even after several retries{reason}. Wait a minute and"
            " try again."
        ),
    ),
)
"""AWS's error codes, the one code that replaces them (None to keep each), and the message."""

_SERVER_FAULTS_FROM = 500
_SERVER_FAULT = (
    "{service} returned a server error, even after several retries{reason}. Try again later."
)
_REFUSAL = "{service} rejected {action}{reason}."
_DENIAL = re.compile(
    r"(?:User: (?P<who>\S+) is )?not authorized to perform: (?P<action>[\w:*-]+)"
    r"(?: on resource: (?P<resource>\S+))?(?P<why> (?:because|with an explicit deny).*)?"
)
_PASSWORD = re.compile("//[^/@]*@")
"""The user name and password in the URL of a proxy."""

_MISCONFIGURED = (
    aws.ConfigParseError,
    aws.InfiniteLoopConfigError,
    aws.InvalidConfigError,
    aws.InvalidRegionError,
    aws.InvalidRetryConfigurationError,
    aws.InvalidMaxRetryAttemptsError,
    aws.InvalidRetryModeError,
    aws.UnknownCredentialError,
    aws.InvalidSTSRegionalEndpointsConfigError,
    aws.InvalidIMDSEndpointError,
    aws.InvalidIMDSEndpointModeError,
    aws.InvalidDefaultsMode,
    aws.ConfigNotFound,
)
_MISCONFIGURATION = "The AWS configuration{of_profile} is invalid: {detail}."
_SIGN_IN_AGAIN = "The AWS sign-in{of_profile} is missing or has expired. Run: aws sso login{option}"
_SENTENCES: tuple[tuple[tuple[type[aws.BotoCoreError], ...], str], ...] = (
    (
        (aws.NoCredentialsError,),
        (
            "There are no AWS credentials{of_profile}. Sign in (aws sso login), set AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY, or select a profile with --profile."
        ),
    ),
    (
        (aws.PartialCredentialsError,),
        "The AWS credentials{of_profile} are incomplete: {detail}.",
    ),
    ((aws.SSOError, aws.TokenRetrievalError, aws.NoAuthTokenError), _SIGN_IN_AGAIN),
    (
        (
            aws.CredentialRetrievalError,
            aws.MissingDependencyException,
            aws.MetadataRetrievalError,
            aws.RefreshWithMFAUnsupportedError,
        ),
        "The AWS credentials{of_profile} can't be retrieved: {detail}.",
    ),
    (
        (aws.ReadTimeoutError,),
        "{service} did not answer in time{at_endpoint}. Check the network and try again.",
    ),
    (
        (aws.SSLError,),
        (
            "The TLS connection to {service}{at_endpoint} failed. Behind a proxy that intercepts TLS,"
            " set AWS_CA_BUNDLE to its CA bundle."
        ),
    ),
    (
        (aws.ConnectionError, aws.HTTPClientError),
        (
            "{service} can't be reached{at_endpoint}. Check the network, the proxy settings, the Region"
            " and AWS_ENDPOINT_URL."
        ),
    ),
    (
        # botocore's message can quote values, such as the private key.
        (aws.ParamValidationError,),
        "The request to {service} is invalid: a value does not match the API's format.",
    ),
    ((aws.BotoCoreError,), "The request to {service} failed ({kind})."),
)
_MESSAGE_CHARACTERS = 500
"""The maximum length of messages from AWS and botocore."""


class AwsRefusedError(RefusedError):
    """A request to AWS failed."""

    def __init__(self, message: str, *, code: str) -> None:
        self.code = code
        """AWS's error code, with ``AccessDenied`` for all its synonyms; or the exception's name."""
        super().__init__(message)


@contextlib.contextmanager
def explain_errors(
    service: str, *, profile: str | None = None, secret: bool = False
) -> Iterator[None]:
    """
    Explain boto3's errors. Wrap requests and the code that reads their responses.

    Args:
        service: The service's name, for messages.
        profile: The profile from the command line, if any.
        secret: Whether the request contains key material. If so, messages that could quote values
            are omitted.

    Raises:
        AwsRefusedError: AWS rejected the request, can't be reached, or does not recognize the
            credentials.
        CommandError: The configuration is invalid, so no request was sent.
    """
    try:
        yield
    except aws.ClientError as err:
        # Drop the cause: a traceback must not contain a message that could quote values.
        raise _answered(err, service, secret=secret) from None
    except aws.BotoCoreError as err:
        raise _failed(err, service, profile) from None
    except (ResponseParserError, KeyError):
        # A KeyError means that the response lacks a field that AWS always returns.
        raise AwsRefusedError(
            f"The response is not from {service}. Check the proxy settings and AWS_ENDPOINT_URL.",
            code="ResponseParserError",
        ) from None
    except EOFError:
        raise AwsRefusedError(
            "The AWS profile requires a one-time code, but there is no terminal to enter it. Run the"
            " command on a terminal, or use temporary credentials.",
            code="EOFError",
        ) from None
    except OSError as err:
        # A credential process or a file of the profile.
        file = f"'{printable(str(err.filename))}': " if err.filename else ""
        raise CommandError(
            f"The AWS configuration can't be used: {file}{err.strerror or type(err).__name__}."
        ) from None


@contextlib.contextmanager
def explain_configuration_errors(service: str, *, profile: str | None) -> Iterator[None]:
    """
    Explain boto3's errors when it creates a session or a client.

    Args:
        service: The service's name, for messages.
        profile: The profile from the command line, if any.

    Raises:
        CommandError: The configuration is invalid.
    """
    try:
        with explain_errors(service, profile=profile):
            yield
    except ValueError as err:
        # An invalid endpoint or number from the environment or the profile.
        raise CommandError(
            f"The AWS configuration for {service} is invalid: {_short(err).rstrip('.')}. Check the"
            " environment variables that begin with AWS_, and the profile."
        ) from None


def _answered(err: aws.ClientError, service: str, *, secret: bool) -> AwsRefusedError:
    answer = err.response.get("Error", {})
    code = answer.get("Code", "Unknown")
    message = _short(answer.get("Message", "")).rstrip(".")
    if code in _DENIED:
        return _denied(err, message)
    if err.operation_name.startswith("AssumeRole"):
        service = "STS"
    status = err.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    repeated = message and not (secret and ("alidation" in code or "-----" in message))
    words = {
        "service": service,
        "action": err.operation_name,
        "reason": f" ({code}: {message})" if repeated else f" ({code})",
    }
    for codes, known, sentence in _ANSWERS:
        if code in codes:
            return AwsRefusedError(sentence.format(**words), code=known or code)
    sentence = _SERVER_FAULT if status >= _SERVER_FAULTS_FROM else _REFUSAL
    return AwsRefusedError(sentence.format(**words), code=code)


def _denied(err: aws.ClientError, message: str) -> AwsRefusedError:
    found = _DENIAL.search(message)
    if found is None:
        return AwsRefusedError(
            f"AWS denied {err.operation_name}: {message}. Request permission, or use other credentials.",
            code=ACCESS_DENIED,
        )
    where = f" on {found['resource'].rstrip('.')}" if found["resource"] else ""
    who = f" to {found['who']}" if found["who"] else ""
    why = found["why"] or ""
    return AwsRefusedError(
        f"AWS denied {found['action']}{where}{who}{why}. Request permission, or use other credentials.",
        code=ACCESS_DENIED,
    )


def _failed(err: aws.BotoCoreError, service: str, profile: str | None) -> CommandError:
    if isinstance(err, aws.ProfileNotFound):
        return CommandError(_no_profile(err))
    words = {
        "service": service,
        "of_profile": f" of the profile '{printable(profile)}'" if profile else "",
        "option": f" --profile {printable(profile)}" if profile else "",
        "at_endpoint": _endpoint(err),
        "detail": _short(err).rstrip("."),
        "kind": type(err).__name__,
    }
    if isinstance(err, _MISCONFIGURED):
        return CommandError(_MISCONFIGURATION.format(**words))
    sentence = next(text for kinds, text in _SENTENCES if isinstance(err, kinds))
    if words["kind"].startswith("Login"):
        # Older versions of botocore don't have these classes.
        sentence = _SIGN_IN_AGAIN.replace("aws sso login", "aws login")
    return AwsRefusedError(sentence.format(**words), code=words["kind"])


def _no_profile(err: aws.ProfileNotFound) -> str:
    name = str(err.kwargs.get("profile", ""))
    try:
        known = Session().available_profiles
    except aws.BotoCoreError:
        known = []
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean '{printable(near[0])}'?" if near else ""
    return f"There is no AWS profile '{printable(name)}' on this computer.{hint}"


def _endpoint(err: aws.BotoCoreError) -> str:
    url = err.kwargs.get("endpoint_url") or err.kwargs.get("proxy_url")
    if not url:
        return ""
    return f" at {printable(_PASSWORD.sub('//', str(url)))}"


def _short(message: object) -> str:
    text = printable(" ".join(str(message).split()))
    return text if len(text) <= _MESSAGE_CHARACTERS else f"{text[:_MESSAGE_CHARACTERS]}…"

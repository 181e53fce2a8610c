"""What can go wrong with AWS, each in a sentence that says how to fix it."""

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
"""What every service's way to say so is called here."""

EXPIRED = "ExpiredToken"
THROTTLED = "Throttling"

_DENIED = {ACCESS_DENIED, "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedException"}
_ANSWERS: tuple[tuple[frozenset[str], str | None, str], ...] = (
    (
        frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}),
        EXPIRED,
        "The AWS credentials have expired{said}. Sign in again, or renew the session token.",
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
            "AWS does not know these credentials{said}. Check the access key and the session token,"
            " and that they belong to this partition."
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
            "AWS does not accept the signature of the request{said}. Check the secret access key and"
            " the clock of this machine."
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
            "{service} is asked too often in this account, and still is after several tries{said}."
            " Wait a minute and try again."
        ),
    ),
)
"""Codes, what they are called here if they are synonyms, and what is said."""

_SERVER_FAULTS_FROM = 500
_SERVER_FAULT = (
    "{service} has a failure of its own, and still has after several tries{said}. Try again later."
)
_REFUSAL = "{service} refuses {action}{said}."
_DENIAL = re.compile(
    r"(?:User: (?P<who>\S+) is )?not authorized to perform: (?P<action>[\w:*-]+)"
    r"(?: on resource: (?P<resource>\S+))?(?P<why> (?:because|with an explicit deny).*)?"
)
_PASSWORD = re.compile("//[^/@]*@")
"""What a proxy's address may hold."""

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
_MISCONFIGURATION = "The AWS configuration{of_profile} cannot be used: {detail}."
_SIGN_IN_AGAIN = "The AWS sign-in{of_profile} is missing or has expired: run aws sso login{option}."
_SENTENCES: tuple[tuple[tuple[type[aws.BotoCoreError], ...], str], ...] = (
    (
        (aws.NoCredentialsError,),
        (
            "There are no AWS credentials{of_profile}. Sign in (aws sso login), set AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY, or name a profile with --profile."
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
        "The AWS credentials{of_profile} cannot be fetched: {detail}.",
    ),
    (
        (aws.ReadTimeoutError,),
        "{service} did not answer in time{at_endpoint}. Check the network and try again.",
    ),
    (
        (aws.SSLError,),
        (
            "The TLS connection to {service}{at_endpoint} cannot be trusted. Behind a proxy that opens"
            " TLS, name its CA bundle in AWS_CA_BUNDLE."
        ),
    ),
    (
        (aws.ConnectionError, aws.HTTPClientError),
        (
            "{service} cannot be reached{at_endpoint}. Check the network, proxies, the Region and"
            " AWS_ENDPOINT_URL."
        ),
    ),
    (
        # What botocore says about it may quote values, and one of them may be the key.
        (aws.ParamValidationError,),
        "{service} cannot be asked: a value has not the form that its API wants.",
    ),
    ((aws.BotoCoreError,), "{service} cannot be asked ({kind})."),
)
_MESSAGE_CHARACTERS = 500
"""What is kept of a message that somebody else wrote."""


class AwsRefusedError(RefusedError):
    """AWS did not do what was asked."""

    def __init__(self, message: str, *, code: str) -> None:
        self.code = code
        """AWS's error code, ``AccessDenied`` for all its synonyms; or the kind of failure."""
        super().__init__(message)


@contextlib.contextmanager
def explain_errors(
    service: str, *, profile: str | None = None, secret: bool = False
) -> Iterator[None]:
    """
    Turn what boto3 raises into a sentence; to be put around calls and the reading of answers.

    Args:
        service: Who is asked, as people call it.
        profile: The profile that the user named, if any.
        secret: Whether the call carries key material; then nothing is repeated of messages that
            may quote values.

    Raises:
        AwsRefusedError: AWS says no, is not reached, or does not know the caller.
        CommandError: The configuration cannot be used, so nothing was asked.
    """
    try:
        yield
    except aws.ClientError as err:
        # Without its cause: a traceback must not end in a message that may quote values.
        raise _answered(err, service, secret=secret) from None
    except aws.BotoCoreError as err:
        raise _failed(err, service, profile) from None
    except (ResponseParserError, KeyError):
        # KeyError is how botocore, and whoever reads an answer, misses what AWS always says.
        raise AwsRefusedError(
            f"What answered in place of {service} is not AWS: check proxies and AWS_ENDPOINT_URL.",
            code="ResponseParserError",
        ) from None
    except EOFError:
        raise AwsRefusedError(
            "The AWS profile wants a one-time code, and nobody is there to be asked for it. Run this"
            " on a terminal, or use temporary credentials.",
            code="EOFError",
        ) from None
    except OSError as err:
        # A program or a file that the profile takes credentials from.
        file = f"'{printable(str(err.filename))}': " if err.filename else ""
        raise CommandError(
            f"The AWS configuration cannot be used: {file}{err.strerror or type(err).__name__}."
        ) from None


@contextlib.contextmanager
def explain_configuration_errors(service: str, *, profile: str | None) -> Iterator[None]:
    """
    Turn what boto3 raises while it makes a session or a client into a sentence.

    Args:
        service: Who is to be asked, as people call it.
        profile: The profile that the user named, if any.

    Raises:
        CommandError: The configuration cannot be used.
    """
    try:
        with explain_errors(service, profile=profile):
            yield
    except ValueError as err:
        # Said of endpoints and numbers that the environment or the profile names.
        raise CommandError(
            f"The AWS configuration for {service} cannot be used: {_short(err).rstrip('.')}. Check"
            " the variables that begin with AWS_, and the profile."
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
        "said": f" ({code}: {message})" if repeated else f" ({code})",
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
            f"AWS denies {err.operation_name}: {message}. Have it allowed, or use other credentials.",
            code=ACCESS_DENIED,
        )
    where = f" on {found['resource'].rstrip('.')}" if found["resource"] else ""
    who = f" to {found['who']}" if found["who"] else ""
    why = found["why"] or ""
    return AwsRefusedError(
        f"AWS denies {found['action']}{where}{who}{why}. Have it allowed, or use other credentials.",
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
        # Older releases of botocore have no such class to name.
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
    return f"There is no AWS profile '{printable(name)}' on this machine.{hint}"


def _endpoint(err: aws.BotoCoreError) -> str:
    url = err.kwargs.get("endpoint_url") or err.kwargs.get("proxy_url")
    if not url:
        return ""
    return f" at {printable(_PASSWORD.sub('//', str(url)))}"


def _short(message: object) -> str:
    text = printable(" ".join(str(message).split()))
    return text if len(text) <= _MESSAGE_CHARACTERS else f"{text[:_MESSAGE_CHARACTERS]}…"

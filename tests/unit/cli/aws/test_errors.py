"""Every AWS error results in a message and an exit code, without hanging."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from server_certificate_cli.aws.errors import AwsRefusedError, explain_errors
from server_certificate_cli.errors import CommandError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.command import Ended
    from support.command_account import CommandAccount

ENDPOINT = "https://iam.amazonaws.com/"
LOGIN_IS_OVER = (
    aws.LoginRefreshRequired()
    if hasattr(aws, "LoginRefreshRequired")
    else type("LoginRefreshRequired", (aws.BotoCoreError,), {})()
)
"""The exception of a botocore with `aws login`, or its base class for older versions."""

ANSWERS = {
    "denied": (
        (
            403,
            "AccessDenied",
            (
                "User: arn:aws:iam::111122223333:user/me is not authorized to perform:"
                " iam:ListServerCertificates on resource:"
                " arn:aws:iam::111122223333:server-certificate/ because no identity-based policy"
                " allows the iam:ListServerCertificates action"
            ),
        ),
        (
            "AWS denied iam:ListServerCertificates on"
            " arn:aws:iam::111122223333:server-certificate/ to arn:aws:iam::111122223333:user/me"
            " because no identity-based policy allows the iam:ListServerCertificates action."
        ),
    ),
    "denied in a sentence of another form": (
        (403, "AccessDenied", "Nope."),
        "AWS denied ListServerCertificates: Nope. Request permission",
    ),
    "token expired": (
        (403, "ExpiredToken", "The security token included in the request is expired"),
        "The AWS credentials have expired (ExpiredToken: The security token",
    ),
    "unknown key": (
        (403, "InvalidClientTokenId", "The security token included in the request is invalid."),
        "AWS does not recognize the credentials (InvalidClientTokenId: The security token",
    ),
    "wrong secret": (
        (403, "SignatureDoesNotMatch", "Signature expired: now earlier than then"),
        "Check the secret access key and the clock of your computer.",
    ),
    "anything else": (
        (400, "ValidationError", "The specified value for pathPrefix is invalid."),
        (
            "IAM rejected ListServerCertificates (ValidationError: The specified value for pathPrefix"
            " is invalid)."
        ),
    ),
    "control characters": (
        (400, "ValidationError", "a\u2028b"),
        r"IAM rejected ListServerCertificates (ValidationError: a b).",
    ),
}
RETRIED = {
    "throttled": (
        (400, "Throttling", "Rate exceeded"),
        (
            "IAM throttled the request, even after several retries"
            " (Throttling: Rate exceeded). Wait a minute"
        ),
    ),
    "server fault": (
        (500, "ServiceFailure", "Oh."),
        "IAM returned a server error, even after several retries (ServiceFailure: Oh).",
    ),
    "unavailable": ((503, "", ""), "IAM returned a server error"),
}


@pytest.mark.parametrize("about", ANSWERS)
def test_answers(about: str, account: CommandAccount, run: Callable[..., Ended]) -> None:
    """A permanent error is not retried, and is explained."""
    answer, sentence = ANSWERS[about]
    account.refuse["ListServerCertificates"] = [answer]
    done = run("list")
    assert (done.code, done.out) == (1, "")
    assert sentence in done.err
    assert done.err.count("\n") == 1
    assert account.calls == ["ListServerCertificates"]


@pytest.mark.parametrize("about", RETRIED)
def test_answers_that_may_change(
    about: str, account: CommandAccount, pauses: list[float], run: Callable[..., Ended]
) -> None:
    """A temporary error is retried twice within seconds, and then explained."""
    answer, sentence = RETRIED[about]
    account.refuse["ListServerCertificates"] = [answer] * 9
    done = run("list")
    assert done.code == 1
    assert sentence in done.err
    assert account.calls == ["ListServerCertificates"] * 3
    assert sum(pauses) < 10


def test_throttled_for_a_moment(account: CommandAccount, run: Callable[..., Ended]) -> None:
    """Throttling that ends after a retry is not reported."""
    account.refuse["ListServerCertificates"] = [(400, "Throttling", "Rate exceeded")] * 2
    done = run("list")
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (aws.ConnectTimeoutError(endpoint_url=ENDPOINT), f"IAM can't be reached at {ENDPOINT}."),
        (
            aws.EndpointConnectionError(endpoint_url=ENDPOINT, error="refused"),
            f"IAM can't be reached at {ENDPOINT}.",
        ),
        (
            aws.ConnectionClosedError(endpoint_url=ENDPOINT),
            f"IAM can't be reached at {ENDPOINT}.",
        ),
        (
            aws.ReadTimeoutError(endpoint_url=ENDPOINT),
            f"IAM did not answer in time at {ENDPOINT}.",
        ),
        (
            aws.ProxyConnectionError(proxy_url="http://me:password@proxy.example:3128"),
            "IAM can't be reached at http://proxy.example:3128.",
        ),
        (
            aws.SSLError(endpoint_url=ENDPOINT, error="self-signed"),
            f"The TLS connection to IAM at {ENDPOINT} failed.",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_unreachable(
    failure: aws.BotoCoreError,
    sentence: str,
    account: CommandAccount,
    pauses: list[float],
    run: Callable[..., Ended],
) -> None:
    """An unreachable endpoint is reported with its address, within the timeouts."""
    account.unreachable = failure
    done = run("list")
    assert (done.code, done.out) == (1, "")
    assert sentence in done.err
    assert "password" not in done.err
    assert sum(pauses) < 10


@pytest.mark.parametrize(
    ("failure", "sentence", "kind"),
    [
        (aws.UnauthorizedSSOTokenError(), "Run: aws sso login --profile me", RefusedError),
        (aws.SSOTokenLoadError(error_msg="x"), "Run: aws sso login --profile me", RefusedError),
        (
            aws.TokenRetrievalError(provider="sso", error_msg="x"),
            "The AWS sign-in of the profile 'me' is missing or has expired",
            RefusedError,
        ),
        (LOGIN_IS_OVER, "Run: aws login --profile me", RefusedError),
        (
            aws.CredentialRetrievalError(provider="custom-process", error_msg="no\nway"),
            "The AWS credentials of the profile 'me' can't be retrieved: Error when retrieving",
            RefusedError,
        ),
        (
            aws.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
            "are incomplete: Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY.",
            RefusedError,
        ),
        (
            aws.ParamValidationError(report="Invalid type for SecretString, value: -----BEGIN"),
            "The request to IAM is invalid: a value does not match the API's format.",
            RefusedError,
        ),
        (
            aws.PaginationError(message="The same next token was received twice"),
            "The request to IAM failed (PaginationError).",
            RefusedError,
        ),
        (ResponseParserError("<html>"), "The response is not from IAM.", RefusedError),
        (
            aws.MissingDependencyException(msg="You will need to pip install botocore[crt]"),
            "can't be retrieved: Missing Dependency: You will need to pip install botocore[crt].",
            RefusedError,
        ),
        (EOFError(), "The AWS profile requires a one-time code", RefusedError),
        (
            FileNotFoundError(2, "No such file or directory", "/home/me/credentials"),
            "The AWS configuration can't be used: '/home/me/credentials': No such file",
            CommandError,
        ),
        (
            aws.ClientError({"Error": {"Code": "X", "Message": "y"}}, "AssumeRole"),
            "STS rejected AssumeRole (X: y).",
            RefusedError,
        ),
        (
            aws.ConfigParseError(path="/home/me/.aws/config"),
            "is invalid: Unable to parse config file: /home/me/.aws/config.",
            CommandError,
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_failures(failure: Exception, sentence: str, kind: type[Exception]) -> None:
    """boto3's errors become one line without confidential values; invalid settings are usage errors."""
    with pytest.raises(kind) as caught, explain_errors("IAM", profile="me"):
        raise failure
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "BEGIN" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "message", ["Value '-----BEGIN PRIVATE KEY-----' is wrong", "1 validation error: 's3cr3t'"]
)
def test_messages_about_key_material_are_not_repeated(message: str) -> None:
    """The errors of a request with key material don't repeat messages that could quote it."""
    code = "ValidationException" if "validation" in message else "InvalidParameterException"
    answer = aws.ClientError({"Error": {"Code": code, "Message": message}}, "CreateSecret")
    with (
        pytest.raises(AwsRefusedError) as caught,
        explain_errors("Secrets Manager", secret=True),
    ):
        raise answer
    assert str(caught.value) == f"Secrets Manager rejected CreateSecret ({code})."


def test_other_exceptions_pass(account: CommandAccount) -> None:
    """Exceptions from elsewhere are not explained."""
    with pytest.raises(ValueError, match="mine"), explain_errors("IAM"):
        raise ValueError("mine")
    assert account.calls == []


def test_no_credentials(
    monkeypatch: pytest.MonkeyPatch, account: CommandAccount, run: Callable[..., Ended]
) -> None:
    """Without credentials, nothing is requested, and the message says how to get some."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    done = run("list")
    assert done.code == 1
    assert done.err.startswith("Error: There are no AWS credentials. Sign in (aws sso login)")
    assert account.calls == []


def test_half_a_key(
    monkeypatch: pytest.MonkeyPatch, account: CommandAccount, run: Callable[..., Ended]
) -> None:
    """An access key without its secret is an error."""
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    done = run("list")
    assert done.code == 1
    assert "missing: AWS_SECRET_ACCESS_KEY" in done.err
    assert account.calls == []


@pytest.mark.parametrize("by", ["option", "environment"])
def test_unknown_profile(
    by: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    account: CommandAccount,
    run: Callable[..., Ended],
) -> None:
    """An unknown profile is a usage error that suggests a similar one."""
    (tmp_path / "aws-config").write_text("[profile production]\nregion = eu-central-1\n")
    if by == "environment":
        monkeypatch.setenv("AWS_PROFILE", "prodution")
    done = run("list", *(["--profile", "prodution"] if by == "option" else []))
    assert done.code == 2
    assert done.err == (
        "Error: There is no AWS profile 'prodution' on this computer. Did you mean 'production'?\n"
    )
    assert account.calls == []


def test_profile(tmp_path: Path, account: CommandAccount, run: Callable[..., Ended]) -> None:
    """--profile selects the profile's Region and credentials."""
    (tmp_path / "aws-config").write_text("[profile production]\nregion = us-west-2\n")
    assert run("list", "--profile", "production").code == 1
    (tmp_path / "aws-credentials").write_text(
        "[production]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = x\n"
    )
    assert run("list", "--profile", "production").code == 0
    assert account.profiles == ["production"] * 2


def test_token_of_sts(
    monkeypatch: pytest.MonkeyPatch, account: CommandAccount, run: Callable[..., Ended]
) -> None:
    """A session token is sent with the request."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session-token")
    assert run("list").code == 0
    assert account.tokens == {"session-token"}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_ENDPOINT_URL", "nonsense"),
        ("AWS_MAX_ATTEMPTS", "many"),
        ("AWS_REGION", "moon base"),
        ("AWS_CONFIG_FILE", ""),
    ],
)
def test_configuration_that_cannot_be_used(
    variable: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    account: CommandAccount,
    run: Callable[..., Ended],
) -> None:
    """An invalid setting is a usage error that shows its value."""
    if variable == "AWS_CONFIG_FILE":
        (tmp_path / "broken").write_text("[profile\n")
        value = str(tmp_path / "broken")
    monkeypatch.setenv(variable, value)
    if variable == "AWS_REGION":
        monkeypatch.setenv("AWS_DEFAULT_REGION", value)
    done = run("list")
    assert (done.code, done.out) == (2, "")
    assert value in done.err
    assert "The AWS configuration" in done.err
    assert account.calls == []

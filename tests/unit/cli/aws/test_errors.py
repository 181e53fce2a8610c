"""What can go wrong with AWS: one sentence each, an exit code, and no hang."""

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
"""What a botocore that knows `aws login` raises; one that doesn't lends its base."""

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
            "AWS denies iam:ListServerCertificates on"
            " arn:aws:iam::111122223333:server-certificate/ to arn:aws:iam::111122223333:user/me"
            " because no identity-based policy allows the iam:ListServerCertificates action."
        ),
    ),
    "denied in a sentence of another form": (
        (403, "AccessDenied", "Nope."),
        "AWS denies ListServerCertificates: Nope. Have it allowed",
    ),
    "token expired": (
        (403, "ExpiredToken", "The security token included in the request is expired"),
        "The AWS credentials have expired (ExpiredToken: The security token",
    ),
    "unknown key": (
        (403, "InvalidClientTokenId", "The security token included in the request is invalid."),
        "AWS does not know these credentials (InvalidClientTokenId: The security token",
    ),
    "wrong secret": (
        (403, "SignatureDoesNotMatch", "Signature expired: now earlier than then"),
        "Check the secret access key and the clock of this machine.",
    ),
    "anything else": (
        (400, "ValidationError", "The specified value for pathPrefix is invalid."),
        (
            "IAM refuses ListServerCertificates (ValidationError: The specified value for pathPrefix"
            " is invalid)."
        ),
    ),
    "control characters": (
        (400, "ValidationError", "a\u2028b"),
        r"IAM refuses ListServerCertificates (ValidationError: a b).",
    ),
}
RETRIED = {
    "throttled": (
        (400, "Throttling", "Rate exceeded"),
        (
            "IAM is asked too often in this account, and still is after several tries"
            " (Throttling: Rate exceeded). Wait a minute"
        ),
    ),
    "server fault": (
        (500, "ServiceFailure", "Oh."),
        "IAM has a failure of its own, and still has after several tries (ServiceFailure: Oh).",
    ),
    "unavailable": ((503, "", ""), "IAM has a failure of its own"),
}


@pytest.mark.parametrize("about", ANSWERS)
def test_answers(about: str, account: CommandAccount, run: Callable[..., Ended]) -> None:
    """What AWS refuses for good is asked once, and told in a sentence."""
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
    """What may go by is asked three times within seconds, and then output."""
    answer, sentence = RETRIED[about]
    account.refuse["ListServerCertificates"] = [answer] * 9
    done = run("list")
    assert done.code == 1
    assert sentence in done.err
    assert account.calls == ["ListServerCertificates"] * 3
    assert sum(pauses) < 10


def test_throttled_for_a_moment(account: CommandAccount, run: Callable[..., Ended]) -> None:
    """Throttling that goes by is not output."""
    account.refuse["ListServerCertificates"] = [(400, "Throttling", "Rate exceeded")] * 2
    done = run("list")
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (aws.ConnectTimeoutError(endpoint_url=ENDPOINT), f"IAM cannot be reached at {ENDPOINT}."),
        (
            aws.EndpointConnectionError(endpoint_url=ENDPOINT, error="refused"),
            f"IAM cannot be reached at {ENDPOINT}.",
        ),
        (
            aws.ConnectionClosedError(endpoint_url=ENDPOINT),
            f"IAM cannot be reached at {ENDPOINT}.",
        ),
        (
            aws.ReadTimeoutError(endpoint_url=ENDPOINT),
            f"IAM did not answer in time at {ENDPOINT}.",
        ),
        (
            aws.ProxyConnectionError(proxy_url="http://me:password@proxy.example:3128"),
            "IAM cannot be reached at http://proxy.example:3128.",
        ),
        (
            aws.SSLError(endpoint_url=ENDPOINT, error="self-signed"),
            f"The TLS connection to IAM at {ENDPOINT} cannot be trusted.",
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
    """An endpoint that can't be used is told with its address, within bounds."""
    account.unreachable = failure
    done = run("list")
    assert (done.code, done.out) == (1, "")
    assert sentence in done.err
    assert "password" not in done.err
    assert sum(pauses) < 10


@pytest.mark.parametrize(
    ("failure", "sentence", "kind"),
    [
        (aws.UnauthorizedSSOTokenError(), "run aws sso login --profile me.", RefusedError),
        (aws.SSOTokenLoadError(error_msg="x"), "run aws sso login --profile me.", RefusedError),
        (
            aws.TokenRetrievalError(provider="sso", error_msg="x"),
            "The AWS sign-in of the profile 'me' is missing or has expired",
            RefusedError,
        ),
        (LOGIN_IS_OVER, "run aws login --profile me.", RefusedError),
        (
            aws.CredentialRetrievalError(provider="custom-process", error_msg="no\nway"),
            "The AWS credentials of the profile 'me' cannot be fetched: Error when retrieving",
            RefusedError,
        ),
        (
            aws.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
            "are incomplete: Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY.",
            RefusedError,
        ),
        (
            aws.ParamValidationError(report="Invalid type for SecretString, value: -----BEGIN"),
            "IAM cannot be asked: a value has not the form that its API wants.",
            RefusedError,
        ),
        (
            aws.PaginationError(message="The same next token was received twice"),
            "IAM cannot be asked (PaginationError).",
            RefusedError,
        ),
        (ResponseParserError("<html>"), "What answered in place of IAM is not AWS", RefusedError),
        (
            aws.MissingDependencyException(msg="You will need to pip install botocore[crt]"),
            "cannot be fetched: Missing Dependency: You will need to pip install botocore[crt].",
            RefusedError,
        ),
        (EOFError(), "The AWS profile wants a one-time code", RefusedError),
        (
            FileNotFoundError(2, "No such file or directory", "/home/me/credentials"),
            "The AWS configuration cannot be used: '/home/me/credentials': No such file",
            CommandError,
        ),
        (
            aws.ClientError({"Error": {"Code": "X", "Message": "y"}}, "AssumeRole"),
            "STS refuses AssumeRole (X: y).",
            RefusedError,
        ),
        (
            aws.ConfigParseError(path="/home/me/.aws/config"),
            "cannot be used: Unable to parse config file: /home/me/.aws/config.",
            CommandError,
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_failures(failure: Exception, sentence: str, kind: type[Exception]) -> None:
    """What boto3 raises becomes one line, without what it may quote; wrong settings are usage."""
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
    """Of a call that carries key material no message is repeated that may quote it."""
    code = "ValidationException" if "validation" in message else "InvalidParameterException"
    answer = aws.ClientError({"Error": {"Code": code, "Message": message}}, "CreateSecret")
    with (
        pytest.raises(AwsRefusedError) as caught,
        explain_errors("Secrets Manager", secret=True),
    ):
        raise answer
    assert str(caught.value) == f"Secrets Manager refuses CreateSecret ({code})."


def test_other_exceptions_pass(account: CommandAccount) -> None:
    """What isn't AWS's is no affair of the explanation."""
    with pytest.raises(ValueError, match="mine"), explain_errors("IAM"):
        raise ValueError("mine")
    assert account.calls == []


def test_no_credentials(
    monkeypatch: pytest.MonkeyPatch, account: CommandAccount, run: Callable[..., Ended]
) -> None:
    """Without credentials nothing is asked, and the ways to have some are named."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    done = run("list")
    assert done.code == 1
    assert done.err.startswith("Error: There are no AWS credentials. Sign in (aws sso login)")
    assert account.calls == []


def test_half_a_key(
    monkeypatch: pytest.MonkeyPatch, account: CommandAccount, run: Callable[..., Ended]
) -> None:
    """An access key without its secret is output."""
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
    """A profile that doesn't exist is wrong usage, with the name that may be meant."""
    (tmp_path / "aws-config").write_text("[profile production]\nregion = eu-central-1\n")
    if by == "environment":
        monkeypatch.setenv("AWS_PROFILE", "prodution")
    done = run("list", *(["--profile", "prodution"] if by == "option" else []))
    assert done.code == 2
    assert done.err == (
        "Error: There is no AWS profile 'prodution' on this machine. Did you mean 'production'?\n"
    )
    assert account.calls == []


def test_profile(tmp_path: Path, account: CommandAccount, run: Callable[..., Ended]) -> None:
    """--profile takes Region and credentials from there."""
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
    """A session token travels along."""
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
    """A setting that makes no sense is wrong usage, and told with its value."""
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

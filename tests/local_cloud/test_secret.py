"""Who may use a local cloud: anyone who knows the secret of its start, and nobody else."""

from __future__ import annotations

import json
import re
import ssl
import urllib.request
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import boto3
import botocore.auth
import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError
from tests.local_cloud.test_process import create_function

from local_cloud import LocalCloud
from local_cloud.environment import Connection
from support.raw_requests import FORM, LIST, bearer, secret_of, send, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.local_cloud

ACCOUNT = "111122223333"
MISMATCH = "The request signature we calculated does not match the signature you provided."
INVALID = "The security token included in the request is invalid."
KEY = "a folder/ü + 20% & = ?.txt"


def refused(call: Callable[..., object], **parameters: object) -> tuple[int, str, str]:
    """Return the status, the code and the message of a call that is refused."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    response: Any = caught.value.response
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    return status, response["Error"]["Code"], response["Error"]["Message"]


SERVICES = {
    "iam": "list_server_certificates",
    "sts": "get_caller_identity",
    "cloudformation": "describe_stacks",
    "lambda": "list_functions",
    "ssm": "describe_parameters",
    "cloudfront": "list_distributions",
    "s3": "list_buckets",
}
JSON_CODES = {
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
}
S3_CODES = {
    "InvalidClientTokenId": "InvalidAccessKeyId",
    "MissingAuthenticationToken": "AccessDenied",
}
CODES = {"lambda": JSON_CODES, "ssm": JSON_CODES, "s3": S3_CODES}


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_refuses_strangers_as_on_aws(running_cloud: LocalCloud, service: str) -> None:
    """A wrong secret, an unknown key and no signature have the errors of the service's protocol."""
    credentials = {
        "SignatureDoesNotMatch": {"AccessKeyId": ACCOUNT, "SecretAccessKey": "local-cloud"},
        "InvalidClientTokenId": {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "x"},
    }
    clients = {
        code: running_cloud.client(service, credentials=given)
        for code, given in credentials.items()
    }
    clients["MissingAuthenticationToken"] = running_cloud.client(
        service, signature_version=UNSIGNED
    )
    for code, client in clients.items():
        status, seen, _ = refused(getattr(client, SERVICES[service]))
        assert seen == CODES.get(service, {}).get(code, code)
        assert status == (400 if service == "ssm" else 403)


def test_messages_are_those_of_aws(running_cloud: LocalCloud) -> None:
    """They begin with AWS's sentences; two of them go on with the way out."""

    def message(access_key: str, secret: str) -> str:
        credentials = {"AccessKeyId": access_key, "SecretAccessKey": secret}
        iam = running_cloud.client("iam", credentials=credentials)
        return refused(iam.list_users)[2]

    hint = "Use the export lines that the running local cloud printed."
    unsigned = running_cloud.client("iam", signature_version=UNSIGNED)
    assert refused(unsigned.list_users)[2] == "Request is missing Authentication Token"
    assert message("AKIAIOSFODNN7EXAMPLE", "x") == f"{INVALID} {hint}"
    mismatch = message(ACCOUNT, "x")
    assert mismatch.startswith(MISMATCH)
    assert mismatch.endswith(hint)
    # The emulator alone lets this key do everything.
    assert message("test", "test").startswith(INVALID)


@pytest.fixture(scope="module")
def guarded_cloud() -> Iterator[LocalCloud]:
    """Run another local cloud, which enforces policies."""
    with LocalCloud.running(auth=True) as cloud:
        yield cloud


def test_each_start_has_another_secret(
    running_cloud: LocalCloud, guarded_cloud: LocalCloud
) -> None:
    """What one local cloud has printed opens no other, with or without policies; no file has it."""
    for cloud, other in ((running_cloud, guarded_cloud), (guarded_cloud, running_cloud)):
        assert re.fullmatch(r"[\w-]{40}", secret_of(cloud))
        credentials = {"AccessKeyId": ACCOUNT, "SecretAccessKey": secret_of(cloud)}
        assert cloud.client("sts", credentials=credentials).get_caller_identity()
        stranger = other.client("iam", credentials=credentials)
        assert refused(stranger.list_users)[1] == "SignatureDoesNotMatch"
        files = [path for path in cloud.log_file.parent.rglob("*") if path.is_file()]
        assert not [path for path in files if secret_of(cloud).encode() in path.read_bytes()]


def test_a_connection_doesnt_show_its_secret(tmp_path: Path) -> None:
    """Tracebacks and logs may show a connection."""
    assert "opens" not in repr(Connection(1, tmp_path, "opens-everything"))


def test_another_account_has_the_same_secret(cloud: LocalCloud) -> None:
    """An access key of 12 digits is an account id, and the secret is the start's."""
    identity = cloud.client("sts", account_id="444455556666").get_caller_identity()
    assert identity["Account"] == "444455556666"


def test_users_and_sessions_have_secrets_of_their_own(cloud: LocalCloud) -> None:
    """Their keys are good with the secrets and tokens that AWS would have given, and no others."""
    iam = cloud.client("iam")
    iam.create_user(UserName="u")
    key = iam.create_access_key(UserName="u")["AccessKey"]
    session = cloud.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/r", RoleSessionName="me"
    )["Credentials"]
    for given in (key, session):
        assert cloud.client("iam", credentials=given).list_users()["Users"]
        wrong = given | {"SecretAccessKey": secret_of(cloud)}
        stranger = cloud.client("iam", credentials=wrong)
        assert refused(stranger.list_users)[1] == "SignatureDoesNotMatch"
    without_token = session | {"SessionToken": None}
    stranger = cloud.client("iam", credentials=without_token)
    assert refused(stranger.list_users)[1] == "InvalidClientTokenId"
    iam.update_access_key(UserName="u", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    stranger = cloud.client("iam", credentials=key)
    assert refused(stranger.list_users)[1] == "InvalidClientTokenId"


def test_functions_have_secrets_that_nobody_can_guess(guarded_cloud: LocalCloud) -> None:
    """With policies, the same function of the same role gets other credentials, which work."""
    source = """
        import boto3, os
        def handler(event, context):
            boto3.client("sts").get_caller_identity()
            return {n: v for n, v in os.environ.items() if n.startswith("AWS_S")}
    """
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    seen: list[dict[str, str]] = []
    for _ in range(2):
        guarded_cloud.reset()
        guarded_cloud.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=document)
        functions = guarded_cloud.client("lambda")
        create_function(functions, source)
        seen.append(json.load(functions.invoke(FunctionName="f")["Payload"]))
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        assert len(seen[0][name]) >= 40
        assert seen[0][name] != seen[1][name]


def test_s3_signatures(cloud: LocalCloud) -> None:
    """Keys with any characters, streamed uploads, uploads in parts and presigned URLs are verified."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="b-b", CreateBucketConfiguration={"LocationConstraint": cloud.region})
    s3.put_object(Bucket="b-b", Key=KEY, Body=b"content", Metadata={"a": "x  y"})
    s3.upload_fileobj(BytesIO(bytes(9_000_000)), "b-b", "parts")
    assert s3.head_object(Bucket="b-b", Key="parts")["ContentLength"] == 9_000_000
    trusted = ssl.create_default_context(cafile=str(cloud.ca_bundle))
    parameters = {"Bucket": "b-b", "Key": KEY}
    url = s3.generate_presigned_url("get_object", Params=parameters)
    with urllib.request.urlopen(url, context=trusted) as answer:  # noqa: S310 - always https
        assert answer.read() == b"content"

    path = url.removeprefix(cloud.endpoint_url)
    assert "SignatureDoesNotMatch" in send(cloud, "DELETE", path).text
    assert "SignatureDoesNotMatch" in send(cloud, "GET", path.replace("folder", "other")).text
    # Its body isn't signed: it must not become a call of another service.
    target = {"X-Amz-Target": "AmazonSSM.DescribeParameters"}
    assert send(cloud, "GET", path, headers=target).status in {400, 403}
    url = s3.generate_presigned_url("get_object", Params=parameters, ExpiresIn=-1)
    assert "Request has expired" in send(cloud, "GET", url.removeprefix(cloud.endpoint_url)).text


def test_signed_chunks_are_verified(cloud: LocalCloud) -> None:
    """The signature of each chunk of a streamed upload counts, here as an invalid one."""
    marker = {"X-Amz-Content-SHA256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}
    headers = signed(cloud, "s3", "PUT", "/b-b/k", headers=marker)
    headers["X-Amz-Content-SHA256"] = marker["X-Amz-Content-SHA256"]
    chunk = b"1;chunk-signature=%b\r\nx\r\n0;chunk-signature=%b\r\n\r\n" % (b"0" * 64, b"0" * 64)
    assert "SignatureDoesNotMatch" in send(cloud, "PUT", "/b-b/k", body=chunk, headers=headers).text


def test_presigned_calls_of_other_services(cloud: LocalCloud) -> None:
    """GetCallerIdentity as a URL, as authenticators of Kubernetes clusters use it."""
    url = cloud.client("sts").generate_presigned_url("get_caller_identity", HttpMethod="GET")
    path = url.removeprefix(cloud.endpoint_url)
    assert ACCOUNT in send(cloud, "GET", path).text
    assert "SignatureDoesNotMatch" in send(cloud, "GET", path.replace("GetCaller", "GetX")).text


def _other_body(headers: dict[str, str]) -> tuple[dict[str, str], bytes]:
    return headers, LIST + b"&PathPrefix=/x/"


def _other_header(headers: dict[str, str]) -> tuple[dict[str, str], bytes]:
    return headers | {"X-Amz-Meta-Signed": "other"}, LIST


def _other_date(headers: dict[str, str]) -> tuple[dict[str, str], bytes]:
    return headers | {"X-Amz-Date": "20200101T000000Z"}, LIST


@pytest.mark.parametrize(
    ("change", "service"),
    [
        (_other_body, "iam"),
        (_other_header, "iam"),
        (_other_date, "iam"),
        # The SDK for JavaScript declares the hash of every body in a header, as this signer does.
        (_other_body, "s3"),
    ],
)
def test_a_changed_request_is_refused(
    cloud: LocalCloud,
    change: Callable[[dict[str, str]], tuple[dict[str, str], bytes]],
    service: str,
) -> None:
    """A signature is good for one body, one set of headers and one time."""
    extra = FORM | {"X-Amz-Meta-Signed": "this"}
    headers = signed(cloud, service, "POST", "/", body=LIST, headers=extra)
    if service == "iam":
        assert send(cloud, "POST", "/", body=LIST, headers=headers).status == 200
    changed, body = change(headers)
    reply = send(cloud, "POST", "/", body=body, headers=changed)
    assert reply.status == 403
    assert "<Code>SignatureDoesNotMatch</Code>" in reply.text


def test_an_old_signature_is_refused(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """After 15 minutes, IAM takes it no more."""
    past = datetime.now(UTC) - timedelta(minutes=16)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: past)
    headers = signed(cloud, "iam", "POST", "/", body=LIST, headers=FORM)
    reply = send(cloud, "POST", "/", body=LIST, headers=headers)
    assert reply.status == 403
    assert "Signature expired" in reply.text


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=111122223333/20200101/r/iam/aws4_request, Signature=0",
        "AWS4-HMAC-SHA256 Credential=/{today}/r/iam/aws4_request, SignedHeaders=host, Signature=0",
        f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/{{today}}/r/iam/x, SignedHeaders=host, Signature=\xe9",
    ],
)
def test_damaged_signatures_are_refused(cloud: LocalCloud, authorization: str) -> None:
    """Whatever is missing or unreadable in it."""
    now = datetime.now(UTC)
    given = authorization.format(today=now.strftime("%Y%m%d"))
    headers = FORM | {"Authorization": given, "X-Amz-Date": now.strftime("%Y%m%dT%H%M%SZ")}
    assert send(cloud, "POST", "/", body=LIST, headers=headers).status in {400, 403}


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS4-ECDSA-P256-SHA256 Credential=111122223333/20260101/iam/aws4_request",
        "Basic x",
        "AWS a:b",
    ],
)
def test_other_algorithms_are_refused_in_words(cloud: LocalCloud, authorization: str) -> None:
    """Signature Version 4A, HTTP's own ways and Signature Version 2 aren't verified."""
    headers = FORM | {"Authorization": authorization}
    reply = send(cloud, "POST", "/", body=LIST, headers=headers)
    assert reply.status == 400
    assert "verifies AWS4-HMAC-SHA256 only" in reply.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_local_cloud/knobs"),
        ("PUT", "/_local_cloud/knobs"),
        ("GET", "/_local_cloud/calls"),
        ("GET", "/_ministack/health"),
        ("POST", "/_ministack/reset"),
        ("POST", "/_ministack/config"),
    ],
)
def test_own_paths_need_the_secret(cloud: LocalCloud, method: str, path: str) -> None:
    """The knobs, the calls and the emulator's own paths need the secret in a header."""
    wrong = {"Authorization": "Bearer local-cloud"}
    for headers in ({}, wrong):
        reply = send(cloud, method, path, body=b"{}", headers=headers)
        assert reply.status == 403
        assert "Authorization: Bearer" in reply.message
    assert send(cloud, method, path, body=b"{}", headers=bearer(cloud)).status == 200


@pytest.mark.parametrize("path", ["/", "/health", "/_localstack/health", "/bucket/key", "/_aws/x"])
def test_every_other_path_needs_a_signature(cloud: LocalCloud, path: str) -> None:
    """There is no path that tells strangers anything, and the header for own paths opens no other."""
    for headers in ({}, bearer(cloud)):
        assert send(cloud, "GET", path, headers=headers).status in {400, 403}


def test_an_answer_url_is_a_secret_itself(cloud: LocalCloud) -> None:
    """A custom resource's answer isn't signed, as on AWS, and a URL that was guessed answers nothing."""
    reply = send(cloud, "PUT", "/_ministack/cfn-response/guessed", body=b"{}")
    assert (reply.status, reply.text) == (200, "")
    assert send(cloud, "PUT", "/_ministack/cfn-signal/guessed", body=b"{}").status == 404
    assert send(cloud, "POST", "/_ministack/cfn-response/guessed").status == 403


def test_web_sockets_are_refused(cloud: LocalCloud) -> None:
    """The emulator would serve them to anybody."""
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version": "13",
    }
    assert send(cloud, "GET", "/_aws/execute-api/a/b", headers=upgrade).status == 403


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1:{port}", True),
        ("localhost:{port}", True),
        ("bucket.s3.localhost:{port}", True),
        ("127.0.0.1", False),
        ("localhost:1", False),
        ("rebound.example:{port}", False),
        ("localhost.example:{port}", False),
        ("evil-localhost:{port}", False),
    ],
)
def test_the_host_must_be_this_machine(cloud: LocalCloud, host: str, allowed: bool) -> None:  # noqa: FBT001 - a row
    """A name of somebody's site that leads here opens nothing, even with the secret."""
    name = host.format(port=cloud.endpoint_url.rpartition(":")[2])
    reply = send(cloud, "GET", "/_local_cloud/knobs", headers=bearer(cloud) | {"Host": name})
    assert reply.status == (200 if allowed else 403)
    if not allowed:
        assert reply.message.startswith("The Host header must be 127.0.0.1:")


def test_web_pages_are_refused(cloud: LocalCloud) -> None:
    """Browsers say in Origin whose page sends a request."""
    headers = bearer(cloud) | {"Origin": "https://example.com"}
    reply = send(cloud, "GET", "/_local_cloud/knobs", headers=headers)
    assert (reply.status, "Origin" in reply.message) == (403, True)


def test_boto3_needs_the_environment_only(
    cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is exported is enough."""
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    assert boto3.client("iam").list_users()["Users"] == []

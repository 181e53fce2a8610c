"""With ``--auth``: whose policies allow what, asked through boto3 as an assumed role."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local_cloud import LocalCloud

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

ACCOUNT = "111122223333"
PREFIX = f"arn:aws:iam::{ACCOUNT}:server-certificate"
REGION = "eu-central-1"
ALLOWED = "allowed"


class Principal:
    """A role, its policy, and clients that act as it."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "sts:AssumeRole",
        }
        self._iam = cloud.client("iam")
        role = self._iam.create_role(
            RoleName="tested",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
        session = cloud.client("sts").assume_role(
            RoleArn=role["Role"]["Arn"], RoleSessionName="test"
        )
        self._credentials = session["Credentials"]

    def may(self, *statements: dict[str, Any]) -> None:
        """Replace the policy by statements; what they don't name is allowed."""
        document = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Resource": "*"} | each for each in statements],
        }
        self._iam.put_role_policy(
            RoleName="tested", PolicyName="policy", PolicyDocument=json.dumps(document)
        )

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return a client that acts as the role."""
        return self.cloud.client(service, credentials=self._credentials)


@pytest.fixture(scope="module")
def guarded_cloud() -> Iterator[LocalCloud]:
    """Run a local cloud that enforces policies."""
    with LocalCloud.running(auth=True) as cloud:
        yield cloud


@pytest.fixture
def principal(guarded_cloud: LocalCloud, certificates: Certificates) -> Principal:
    """Return a role without permissions in an account with the certificate /web/www, tagged."""
    guarded_cloud.reset()
    guarded_cloud.client("iam").upload_server_certificate(
        **certificates.upload_parameters(Path="/web/", Tags=[{"Key": "Team", "Value": "a"}])
    )
    return Principal(guarded_cloud)


def outcome(client: Any, method: str, **parameters: object) -> tuple[str, str]:  # noqa: ANN401 - boto3's
    """Call; return the error's code and the ARN it names, or that it is allowed."""
    try:
        getattr(client, method)(**parameters)
    except ClientError as error:
        found = error.response["Error"]
        _, _, rest = found["Message"].partition(" on resource: ")
        return found["Code"], rest.partition(" ")[0]
    return ALLOWED, ""


WWW = {"ServerCertificateName": "www"}
MISSING = {"ServerCertificateName": "missing"}
TAGS = {"Tags": [{"Key": "Team", "Value": "b"}]}


@pytest.mark.parametrize(
    ("method", "parameters", "arns"),
    [
        ("get_server_certificate", WWW, [f"{PREFIX}/web/www"]),
        ("delete_server_certificate", WWW, [f"{PREFIX}/web/www"]),
        ("tag_server_certificate", WWW | TAGS, [f"{PREFIX}/web/www"]),
        ("untag_server_certificate", WWW | {"TagKeys": ["Team"]}, [f"{PREFIX}/web/www"]),
        ("list_server_certificate_tags", WWW, [f"{PREFIX}/web/www"]),
        ("list_server_certificates", {}, [f"{PREFIX}/"]),
        ("list_server_certificates", {"PathPrefix": "/web/"}, [f"{PREFIX}/web/"]),
        ("list_server_certificates", {"PathPrefix": "/w"}, [f"{PREFIX}/w"]),
        (
            "update_server_certificate",
            WWW | {"NewServerCertificateName": "new"},
            [f"{PREFIX}/web/www", f"{PREFIX}/web/new"],
        ),
        (
            "update_server_certificate",
            WWW | {"NewServerCertificateName": "new", "NewPath": "/x/"},
            [f"{PREFIX}/web/www", f"{PREFIX}/x/new"],
        ),
        ("update_server_certificate", WWW, [f"{PREFIX}/web/www"]),
    ],
)
def test_calls_need_their_arns(
    principal: Principal, method: str, parameters: dict[str, Any], arns: list[str]
) -> None:
    """A call is allowed on exactly these ARNs; without one of them it is refused by its name."""
    name = "".join(word.title() for word in method.split("_"))
    for left_out in arns:
        others = [arn for arn in arns if arn != left_out]
        principal.may({"Action": f"iam:{name}", "Resource": [*others, f"{PREFIX}/elsewhere/*"]})
        refused = outcome(principal.client("iam"), method, **parameters)
        assert refused == ("AccessDenied", left_out)
    principal.may({"Action": f"iam:{name}", "Resource": arns})
    assert outcome(principal.client("iam"), method, **parameters) == (ALLOWED, "")


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("get_server_certificate", MISSING),
        ("delete_server_certificate", MISSING),
        ("update_server_certificate", MISSING | {"NewServerCertificateName": "new"}),
        ("tag_server_certificate", MISSING | TAGS),
        ("untag_server_certificate", MISSING | {"TagKeys": ["Team"]}),
        ("list_server_certificate_tags", MISSING),
    ],
)
def test_who_may_a_path_only_isnt_told_that_a_certificate_is_missing(
    principal: Principal, method: str, parameters: dict[str, Any]
) -> None:
    """A certificate that doesn't exist has no path: 403 where only a path is allowed."""
    principal.may({"Action": "iam:*", "Resource": f"{PREFIX}/web/*"})
    refused = outcome(principal.client("iam"), method, **parameters)
    assert refused == ("AccessDenied", f"{PREFIX}/missing")
    principal.may({"Action": "iam:*", "Resource": [f"{PREFIX}/web/*", f"{PREFIX}/missing"]})
    assert outcome(principal.client("iam"), method, **parameters) == ("NoSuchEntity", "")


def test_an_upload_needs_its_path_and_the_tagging(
    principal: Principal, certificates: Certificates
) -> None:
    """The ARN carries the path that is asked for; tags need a permission of their own."""
    plain = certificates.upload_parameters("new", Path="/web/")
    upload = {"Action": "iam:UploadServerCertificate", "Resource": f"{PREFIX}/web/new"}
    iam = principal.client("iam")
    principal.may(upload | {"Resource": f"{PREFIX}/new"})
    assert outcome(iam, "upload_server_certificate", **plain) == (
        "AccessDenied",
        f"{PREFIX}/web/new",
    )
    principal.may(upload)
    with pytest.raises(ClientError, match=r"perform: iam:TagServerCertificate on resource"):
        iam.upload_server_certificate(**plain, **TAGS)
    assert outcome(iam, "upload_server_certificate", **plain) == (ALLOWED, "")
    principal.may(upload, {"Action": "iam:TagServerCertificate", "Resource": f"{PREFIX}/web/new"})
    assert outcome(iam, "upload_server_certificate", **plain, **TAGS) == (
        "EntityAlreadyExists",
        "",
    )


@pytest.mark.parametrize(
    ("operator", "condition", "verdict"),
    [
        ("StringEquals", {"aws:ResourceTag/Team": "a"}, ALLOWED),
        ("StringEquals", {"aws:ResourceTag/Team": "b"}, "AccessDenied"),
        ("StringEquals", {"aws:RequestTag/Team": "b"}, ALLOWED),
        ("StringEquals", {"aws:RequestTag/Team": "a"}, "AccessDenied"),
        ("ForAllValues:StringEquals", {"aws:TagKeys": ["Team"]}, ALLOWED),
        ("ForAllValues:StringEquals", {"aws:TagKeys": ["Other"]}, "AccessDenied"),
    ],
)
def test_conditions_on_tags(
    principal: Principal, operator: str, condition: dict[str, Any], verdict: str
) -> None:
    """Conditions see the certificate's tags and the request's."""
    principal.may({"Action": "iam:TagServerCertificate", "Condition": {operator: condition}})
    code, _ = outcome(principal.client("iam"), "tag_server_certificate", **WWW, **TAGS)
    assert code == verdict


def test_conditions_on_tags_of_an_upload(principal: Principal, certificates: Certificates) -> None:
    """An upload's tags are conditions of the upload, and of the tagging that it needs."""
    condition = {"StringEquals": {"aws:RequestTag/Team": "b"}}
    for action in ("iam:UploadServerCertificate", "iam:TagServerCertificate"):
        principal.may({"Action": "iam:*"}, {"Action": action, "Effect": "Deny"})
        parameters = certificates.upload_parameters("new") | TAGS
        code, _ = outcome(principal.client("iam"), "upload_server_certificate", **parameters)
        assert code == "AccessDenied"
    principal.may({"Action": "iam:*", "Condition": condition})
    code, _ = outcome(principal.client("iam"), "upload_server_certificate", **parameters)
    assert code == ALLOWED


def test_a_refusal_in_full(principal: Principal) -> None:
    """The text is IAM's, with the session, the action and the resource."""
    with pytest.raises(ClientError) as caught:
        principal.client("iam").get_server_certificate(**WWW)
    error = caught.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert error["Error"]["Message"] == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/tested/test is not authorized to perform: "
        f"iam:GetServerCertificate on resource: {PREFIX}/web/www because no identity-based policy "
        "allows the iam:GetServerCertificate action"
    )


def test_an_explicit_deny_by_tag_wins(principal: Principal) -> None:
    """A denial may depend on the certificate's tags, and says that it is explicit."""
    principal.may(
        {"Action": "iam:*"},
        {
            "Effect": "Deny",
            "Action": "iam:DeleteServerCertificate",
            "Condition": {"StringEquals": {"aws:ResourceTag/Team": "a"}},
        },
    )
    with pytest.raises(ClientError, match="with an explicit deny in an identity-based policy"):
        principal.client("iam").delete_server_certificate(**WWW)


def test_secrets_parameters_and_objects_are_guarded(principal: Principal) -> None:
    """What a function reads is allowed on its exact ARN, and on no other."""
    cloud = principal.cloud
    secret = cloud.client("secretsmanager").create_secret(Name="s/key", SecretString="x")["ARN"]
    parameters = cloud.client("ssm")
    parameter = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"
    for name in ("plain", "/in/path"):
        parameters.put_parameter(Name=name, Value="x", Type="SecureString")
    objects = cloud.client("s3")
    objects.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    objects.put_object(Bucket="bucket", Key="a/c.pem", Body=b"x")

    cases: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
        ("secretsmanager:GetSecretValue", secret, "get_secret_value", {"SecretId": secret}),
        ("secretsmanager:GetSecretValue", secret, "get_secret_value", {"SecretId": "s/key"}),
        ("ssm:GetParameter", f"{parameter}/plain", "get_parameter", {"Name": "plain"}),
        ("ssm:GetParameter", f"{parameter}/plain", "get_parameter", {"Name": "plain:1"}),
        ("ssm:GetParameter", f"{parameter}/in/path", "get_parameter", {"Name": "/in/path"}),
        (
            "ssm:GetParameter",
            f"{parameter}/in/path",
            "get_parameter",
            {"Name": f"{parameter}/in/path"},
        ),
        (
            "s3:GetObject",
            "arn:aws:s3:::bucket/a/c.pem",
            "get_object",
            {"Bucket": "bucket", "Key": "a/c.pem"},
        ),
    )
    for action, arn, method, call in cases:
        client = principal.client(action.partition(":")[0])
        principal.may({"Action": action, "Resource": f"{arn}-not"})
        assert outcome(client, method, **call)[0].startswith("AccessDenied"), call
        principal.may({"Action": action, "Resource": arn})
        assert outcome(client, method, **call) == (ALLOWED, ""), call


@pytest.mark.parametrize(
    ("key", "pattern", "allowed", "refused"),
    [
        ("a*b", "a${*}b", {"a*b"}, {"axb", "a**b", "ab", "a?b", "a${*}b"}),
        ("a?b", "a${?}b", {"a?b"}, {"axb", "a*b", "ab", "a${?}b"}),
        ("a$b", "a${$}b", {"a$b"}, {"axb", "a${$}b"}),
        (
            "${aws:username}*",
            "${$}{aws:username}${*}",
            {"${aws:username}*"},
            {"tested*", "${aws:username}x"},
        ),
        ("a*/b", "a${*}/*", {"a*/b", "a*/*"}, {"ax/b"}),
        ("a$b", "a$?", {"a$b", "a$$", "a$*"}, {"a$", "axb"}),
    ],
)
def test_special_characters_in_resources(
    principal: Principal, key: str, pattern: str, allowed: set[str], refused: set[str]
) -> None:
    """IAM's variables for special characters stand for these characters and for nothing else."""
    objects = principal.cloud.client("s3")
    objects.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    for each in allowed | refused:
        objects.put_object(Bucket="bucket", Key=each, Body=b"x")
    principal.may({"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::bucket/{pattern}"})
    reading = principal.client("s3")
    found = {
        each: outcome(reading, "get_object", Bucket="bucket", Key=each)[0]
        for each in allowed | refused
    }
    assert key in allowed
    assert found == dict.fromkeys(allowed, ALLOWED) | dict.fromkeys(refused, "AccessDenied")


def test_special_characters_in_conditions(principal: Principal) -> None:
    """They stand for themselves in conditions that take patterns, too."""
    for pattern, verdict in (("${*}", "AccessDenied"), ("*", ALLOWED), ("?", ALLOWED)):
        condition = {"StringLike": {"aws:RequestTag/Team": pattern}}
        principal.may({"Action": "iam:TagServerCertificate", "Condition": condition})
        code, _ = outcome(principal.client("iam"), "tag_server_certificate", **WWW, **TAGS)
        assert code == verdict


def test_stacks_are_guarded(principal: Principal) -> None:
    """A stack that is named by its ARN is allowed by its ARN."""
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    stack = principal.cloud.client("cloudformation").create_stack(
        StackName="s", TemplateBody=json.dumps(template)
    )["StackId"]
    client = principal.client("cloudformation")
    for action, method in (
        ("DescribeStacks", "describe_stacks"),
        ("ListStackResources", "list_stack_resources"),
    ):
        principal.may({"Action": f"cloudformation:{action}", "Resource": f"{stack}x"})
        assert outcome(client, method, StackName=stack) == ("AccessDenied", stack)
        principal.may({"Action": f"cloudformation:{action}", "Resource": stack})
        assert outcome(client, method, StackName=stack) == (ALLOWED, "")


def _secret_under(cloud: LocalCloud, key: str) -> tuple[str, str, dict[str, str]]:
    """Store a secret; return who reads it, with which permission, and how."""
    secret = cloud.client("secretsmanager").create_secret(Name="s", SecretString="x", KmsKeyId=key)[
        "ARN"
    ]
    return "secretsmanager:GetSecretValue", secret, {"SecretId": secret}


def _parameter_under(cloud: LocalCloud, key: str) -> tuple[str, str, dict[str, object]]:
    """Store a SecureString parameter."""
    cloud.client("ssm").put_parameter(Name="/a/p", Value="x", Type="SecureString", KeyId=key)
    arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/a/p"
    return "ssm:GetParameter", arn, {"Name": "/a/p:1", "WithDecryption": True}


def _object_under(cloud: LocalCloud, key: str) -> tuple[str, str, dict[str, str]]:
    """Store an object."""
    client = cloud.client("s3")
    client.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    client.put_object(Bucket="bucket", Key="a/o", Body=b"x", **encryption)
    return "s3:GetObject", "arn:aws:s3:::bucket/a/o", {"Bucket": "bucket", "Key": "a/o"}


@pytest.mark.parametrize("store", [_secret_under, _parameter_under, _object_under])
def test_what_is_under_a_key_of_ones_own_needs_the_key(
    principal: Principal, store: Callable[..., tuple[str, str, dict[str, Any]]]
) -> None:
    """Reading it needs kms:Decrypt on the key, be it through the service only."""
    key = principal.cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    action, resource, call = store(principal.cloud, key)
    service, _, name = action.partition(":")
    method = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]
    read = {"Action": action, "Resource": resource}
    decrypt = {"Action": "kms:Decrypt", "Resource": key}
    via = {"StringEquals": {"kms:ViaService": f"{service}.{REGION}.amazonaws.com"}}
    elsewhere = {"StringEquals": {"kms:ViaService": f"{service}.us-east-1.amazonaws.com"}}
    client = principal.client(service)
    for refused in ([read], [read, decrypt | {"Condition": elsewhere}], [decrypt]):
        principal.may(*refused)
        assert outcome(client, method, **call)[0].startswith("AccessDenied"), refused
    for allowed in (decrypt, decrypt | {"Condition": via}):
        principal.may(read, allowed)
        assert outcome(client, method, **call) == (ALLOWED, "")


def test_what_is_under_aws_key_needs_none(principal: Principal) -> None:
    """Everybody who may use the service may use AWS's own key for it."""
    principal.cloud.client("ssm").put_parameter(Name="/a/p", Value="x", Type="SecureString")
    arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/a/p"
    principal.may({"Action": "ssm:GetParameter", "Resource": arn})
    call = {"Name": "/a/p", "WithDecryption": True}
    assert outcome(principal.client("ssm"), "get_parameter", **call) == (ALLOWED, "")


def test_functions_act_as_their_role(principal: Principal) -> None:
    """What a function may is what the policies of its role say, and its calls count as its own."""
    source = """
import boto3
def handler(event, context):
    try:
        boto3.client("iam").get_server_certificate(ServerCertificateName="www")
    except Exception as error:
        return str(error)
    return "allowed"
"""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", source)
    functions = principal.cloud.client("lambda")
    functions.create_function(
        FunctionName="f",
        Runtime="python3.13",
        Handler="index.handler",
        Timeout=20,
        Role=f"arn:aws:iam::{ACCOUNT}:role/tested",
        Code={"ZipFile": code.getvalue()},
    )

    def invoke() -> str:
        answer: str = json.load(functions.invoke(FunctionName="f")["Payload"])
        return answer

    assert "assumed-role/tested/f is not authorized to perform: iam:GetServer" in invoke()
    principal.may({"Action": "iam:GetServerCertificate", "Resource": f"{PREFIX}/web/www"})
    assert invoke() == ALLOWED
    assert principal.cloud.calls("function") == {"GetServerCertificate": 2}


def test_the_accounts_own_key_may_everything(principal: Principal) -> None:
    """Tests and tools that use the account id as access key need no policy."""
    assert outcome(principal.cloud.client("iam"), "get_server_certificate", **WWW)[0] == ALLOWED

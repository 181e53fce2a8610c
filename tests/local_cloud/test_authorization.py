"""With ``--auth``: whose policies allow what, asked through boto3 as an assumed role."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from support.principals import ACCOUNT, Principal, document
from support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cloud import LocalCloud
    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

PREFIX = f"arn:aws:iam::{ACCOUNT}:server-certificate"
REGION = "eu-central-1"
ALLOWED = "allowed"


FUNCTION = """
import boto3
def handler(event, context):
    try:
        boto3.client("iam").get_server_certificate(ServerCertificateName="www")
    except Exception as error:
        return str(error)
    return "allowed"
"""


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


def test_a_secret_is_written_with_its_key(principal: Principal) -> None:
    """A new one needs kms:GenerateDataKey and kms:Decrypt on the key, a new version only the former."""
    key = principal.cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    secrets = principal.client("secretsmanager")
    write = {"Action": ["secretsmanager:CreateSecret", "secretsmanager:PutSecretValue"]}
    generate, decrypt = (
        {"Action": f"kms:{name}", "Resource": key} for name in ("GenerateDataKey", "Decrypt")
    )
    new = {"Name": "s", "SecretString": "x", "KmsKeyId": key}
    version = {"SecretId": "s", "SecretString": "y"}
    for refused in ([write], [write, generate], [write, decrypt]):
        principal.may(*refused)
        assert outcome(secrets, "create_secret", **new)[0] == "AccessDeniedException", refused
    principal.may(write, generate, decrypt)
    assert outcome(secrets, "create_secret", **new) == (ALLOWED, "")
    principal.may(write, decrypt)
    assert outcome(secrets, "put_secret_value", **version)[0] == "AccessDeniedException"
    principal.may(write, generate)
    assert outcome(secrets, "put_secret_value", **version) == (ALLOWED, "")


def test_a_secret_with_tags_needs_the_tagging(principal: Principal) -> None:
    """A secret that is created with tags needs secretsmanager:TagResource."""
    secrets = principal.client("secretsmanager")
    arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:s"
    create = {"Action": "secretsmanager:CreateSecret"}
    principal.may(create)
    assert outcome(secrets, "create_secret", Name="s", SecretString="x", **TAGS) == (
        "AccessDeniedException",
        arn,
    )
    assert outcome(secrets, "create_secret", Name="other", SecretString="x") == (ALLOWED, "")
    principal.may(create, {"Action": "secretsmanager:TagResource", "Resource": arn})
    assert outcome(secrets, "create_secret", Name="s", SecretString="x", **TAGS) == (ALLOWED, "")


def test_functions_act_as_their_role(principal: Principal) -> None:
    """What a function may is what the policies of its role say, and its calls count as its own."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", FUNCTION)
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


LISTING = {"Action": "iam:List*"}
EVERYTHING = {"Action": "iam:*"}
NEVER_GETTING = {"Effect": "Deny", "Action": "iam:GetServerCertificate"}
OF_TEAM_A = {"StringEquals": {"aws:ResourceTag/Team": "a"}}


@pytest.mark.parametrize(
    ("policies", "boundary", "reason"),
    [
        ([EVERYTHING], [EVERYTHING], ALLOWED),
        ([EVERYTHING], [EVERYTHING | {"Condition": OF_TEAM_A}], ALLOWED),
        (
            [EVERYTHING],
            [LISTING],
            "because no permissions boundary allows the iam:GetServerCertificate action",
        ),
        (
            [EVERYTHING],
            [EVERYTHING, NEVER_GETTING],
            "with an explicit deny in a permissions boundary",
        ),
        (
            [LISTING],
            [EVERYTHING],
            "because no identity-based policy allows the iam:GetServerCertificate action",
        ),
        (
            [LISTING],
            [LISTING],
            "because no identity-based policy allows the iam:GetServerCertificate action",
        ),
        (
            [EVERYTHING, NEVER_GETTING],
            [EVERYTHING],
            "with an explicit deny in an identity-based policy",
        ),
    ],
)
def test_a_boundary_and_the_policies_must_both_allow(
    principal: Principal, policies: list[Any], boundary: list[Any], reason: str
) -> None:
    """The denial names the first of them that denies."""
    principal.may(*policies)
    principal.is_bounded_by(*boundary)

    assert reason_for(principal.client("iam")) == reason


def test_a_denial_by_a_boundary_names_the_resource_whatever_the_service(
    principal: Principal,
) -> None:
    """Also in the services whose other denials don't."""
    principal.may({"Action": "sqs:*"})
    principal.is_bounded_by(EVERYTHING)
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
    # The policy of the queue is evaluated after the boundary, and decides nothing.
    url = principal.cloud.client("sqs").create_queue(QueueName="q")["QueueUrl"]

    with pytest.raises(ClientError, match=f"{arn} because no permissions boundary allows the sqs:"):
        principal.client("sqs").get_queue_attributes(QueueUrl=url)


def test_a_session_policy_limits_too(principal: Principal) -> None:
    """Its denial has a text of its own."""
    principal.may(EVERYTHING)
    session = principal.cloud.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/tested",
        RoleSessionName="test",
        Policy=json.dumps(document(LISTING)),
    )
    client = principal.cloud.client("iam", credentials=session["Credentials"])

    assert reason_for(client) == (
        "because no session policy allows the iam:GetServerCertificate action"
    )


def test_users_have_boundaries_too(principal: Principal) -> None:
    """And may do what is in both, as roles may."""
    iam = principal.cloud.client("iam")
    arn = iam.create_policy(PolicyName="b", PolicyDocument=json.dumps(document(LISTING)))
    iam.create_user(UserName="u", PermissionsBoundary=arn["Policy"]["Arn"])
    iam.put_user_policy(
        UserName="u", PolicyName="p", PolicyDocument=json.dumps(document(EVERYTHING))
    )
    key = iam.create_access_key(UserName="u")["AccessKey"]
    client = principal.cloud.client("iam", credentials=key)

    assert "no permissions boundary allows" in reason_for(client)
    iam.delete_user_permissions_boundary(UserName="u")
    assert reason_for(client) == ALLOWED


def test_roles_of_stacks_have_their_boundary(principal: Principal) -> None:
    """Also in the function that acts as the role; an update can change the boundary or remove it."""
    names = {"Listing": LISTING, "Everything": EVERYTHING}
    boundaries = {
        name: {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": document(statement)},
        }
        for name, statement in names.items()
    }
    stacks = principal.cloud.client("cloudformation")
    functions = principal.cloud.client("lambda")
    seen = []
    for name in ("Listing", "Everything", "Listing", None):
        boundary = {} if name is None else {"PermissionsBoundary": {"Ref": name}}
        parameters = {
            "StackName": "s",
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "TemplateBody": json.dumps({"Resources": boundaries | acting(boundary)}),
        }
        if seen:
            stacks.update_stack(**parameters)
            stacks.get_waiter("stack_update_complete").wait(
                StackName="s", WaiterConfig={"Delay": 1}
            )
        else:
            stacks.create_stack(**parameters)
            stacks.get_waiter("stack_create_complete").wait(
                StackName="s", WaiterConfig={"Delay": 1}
            )
        seen.append(json.load(functions.invoke(FunctionName="f")["Payload"]))

    denied = "because no permissions boundary allows the iam:GetServerCertificate action"
    assert [each.partition("/web/www ")[2] or each for each in seen] == [
        denied,
        ALLOWED,
        denied,
        ALLOWED,
    ]


def test_a_boundary_must_exist(principal: Principal) -> None:
    """A role of a stack fails with IAM's text for a policy that doesn't."""
    arn = f"arn:aws:iam::{ACCOUNT}:policy/missing"
    stacks = principal.cloud.client("cloudformation")
    stacks.create_stack(
        StackName="s",
        Capabilities=["CAPABILITY_NAMED_IAM"],
        TemplateBody=json.dumps({"Resources": acting({"PermissionsBoundary": arn})}),
        OnFailure="DO_NOTHING",
    )

    stack = wait_for(
        lambda: stacks.describe_stacks(StackName="s")["Stacks"][0],
        lambda stack: stack["StackStatus"] == "CREATE_FAILED",
    )
    assert f"Scope ARN: {arn} does not exist or is not attachable." in stack["StackStatusReason"]


def acting(boundary: dict[str, Any]) -> dict[str, Any]:
    """Return a role with a boundary and the function f that acts as it."""
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": "acting",
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
                "Policies": [{"PolicyName": "p", "PolicyDocument": document(EVERYTHING)}],
                **boundary,
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "f",
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Timeout": 20,
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"ZipFile": FUNCTION},
            },
        },
    }


def reason_for(client: Any) -> str:  # noqa: ANN401 - boto3's
    """Return why a principal may not get the certificate, or that it may."""
    try:
        client.get_server_certificate(**WWW)
    except ClientError as error:
        return error.response["Error"]["Message"].partition("/web/www ")[2]
    return ALLOWED

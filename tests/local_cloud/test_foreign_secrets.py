"""Secrets of other accounts: which policies must allow a call, and what a caller learns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from support.principals import ACCOUNT, Principal

if TYPE_CHECKING:
    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud

OWNER = "444455556666"
REGION = "eu-central-1"
READS = {
    "GetSecretValue": "get_secret_value",
    "DescribeSecret": "describe_secret",
    "ListSecretVersionIds": "list_secret_version_ids",
}
ALLOWED = ("allowed", "")
NO_KEY = ("AccessDeniedException", "Access to KMS is not allowed")
DEFAULT_KEY_TEXT = (
    "You can't access a secret from a different AWS account if you encrypt the secret with the"
    " default KMS service key."
)
DEFAULT_KEY = ("InvalidRequestException", DEFAULT_KEY_TEXT)
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/tested/test"


class Owner:
    """The account of a secret, which is encrypted with a key of that account."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.secrets = cloud.client("secretsmanager", account_id=OWNER)
        self.kms = cloud.client("kms", account_id=OWNER)
        self.key = self.kms.create_key()["KeyMetadata"]["Arn"]
        self.arn = self.create("s", self.key)

    def create(self, name: str, key: str) -> str:
        """Create a secret, and return its ARN."""
        return str(
            self.secrets.create_secret(Name=name, SecretString="theirs", KmsKeyId=key)["ARN"]
        )

    def lets(self, who: str, *, arn: str | None = None, effect: str = "Allow") -> None:
        """Replace the policy of a secret: a principal may call every action, or none."""
        self.secrets.put_resource_policy(
            SecretId=arn or self.arn, ResourcePolicy=policy(who, "secretsmanager:*", effect)
        )

    def lets_use_key(self, who: str, action: str, secret: str = "") -> None:
        """Replace the policy of the key; the key may be used for a secret only, as AWS recommends."""
        conditions = {
            "kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com",
            "kms:EncryptionContext:SecretARN": secret or self.arn,
        }
        self.kms.put_key_policy(
            KeyId=self.key,
            PolicyName="default",
            Policy=policy(who, action, "Allow", Condition={"StringEquals": conditions}),
        )


def policy(who: str, action: str, effect: str, **more: object) -> str:
    """Return a policy of one statement for a principal."""
    statement = {"Effect": effect, "Principal": {"AWS": who}, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | more]})


@pytest.fixture
def principal(guarded_cloud: LocalCloud) -> Principal:
    """Return a role without permissions in the account that doesn't have the secret."""
    guarded_cloud.reset()
    return Principal(guarded_cloud)


@pytest.fixture
def owner(principal: Principal) -> Owner:
    """Return the account that has the secret."""
    return Owner(principal.cloud)


def outcome(client: Any, method: str, **parameters: object) -> tuple[str, str]:  # noqa: ANN401 - boto3's
    """Call; return the error's code and message, or that the call is allowed."""
    try:
        getattr(client, method)(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    return ALLOWED


def denial(action: str, arn: str, reason: str, caller: str = SESSION) -> tuple[str, str]:
    """Return the denial that names its reason."""
    text = f"User: {caller} is not authorized to perform: {action} on resource: {arn} {reason}"
    return "AccessDeniedException", text


@pytest.mark.parametrize("action", READS)
def test_both_accounts_must_allow_it(principal: Principal, owner: Owner, action: str) -> None:
    """The role's policy and the secret's must allow a call; the denial names the one that doesn't."""
    asked = READS[action], {"SecretId": owner.arn}
    action = f"secretsmanager:{action}"
    secrets = principal.client("secretsmanager")

    def result() -> tuple[str, str]:
        return outcome(secrets, asked[0], **asked[1])

    decrypt = {"Action": "kms:Decrypt", "Resource": owner.key}
    owner.lets_use_key(principal.arn, "kms:Decrypt")
    missing = f"because no {{}}-based policy allows the {action} action"
    principal.may({"Action": action, "Resource": owner.arn}, decrypt)
    assert result() == denial(action, owner.arn, missing.format("resource"))
    for other in (f"arn:aws:iam::{ACCOUNT}:role/other", f"arn:aws:iam::{OWNER}:root"):
        owner.lets(other)
        assert result() == denial(action, owner.arn, missing.format("resource"))
    for allowed in (principal.arn, f"arn:aws:iam::{ACCOUNT}:root"):
        owner.lets(allowed)
        assert result() == ALLOWED
    principal.may(decrypt)
    assert result() == denial(action, owner.arn, missing.format("identity"))
    principal.may({"Action": action, "Resource": owner.arn}, decrypt)
    owner.lets(principal.arn, effect="Deny")
    explicit = "with an explicit deny in a resource-based policy"
    assert result() == denial(action, owner.arn, explicit)


def test_administrators_need_the_policy_of_the_secret(principal: Principal, owner: Owner) -> None:
    """An access key that is an account ID may do everything in its own account only."""
    action = "secretsmanager:DescribeSecret"
    secrets = principal.cloud.client("secretsmanager")
    root = f"arn:aws:iam::{ACCOUNT}:root"
    missing = f"because no resource-based policy allows the {action} action"
    assert outcome(secrets, "describe_secret", SecretId=owner.arn) == denial(
        action, owner.arn, missing, root
    )
    owner.lets(root)
    assert secrets.describe_secret(SecretId=owner.arn)["ARN"] == owner.arn
    assert outcome(owner.secrets, "describe_secret", SecretId="s") == ALLOWED


def test_nobody_learns_whether_a_secret_exists(principal: Principal, owner: Owner) -> None:
    """A secret that doesn't exist, and one of another Region, get the denial of one that does."""
    principal.may({"Action": "secretsmanager:*"})
    secrets = principal.client("secretsmanager")
    owner.lets(principal.arn)
    action = "secretsmanager:GetSecretValue"
    missing = f"because no resource-based policy allows the {action} action"
    for arn in (
        owner.arn.replace(":secret:s", ":secret:t"),
        owner.arn.replace(REGION, "us-east-1"),
    ):
        assert outcome(secrets, "get_secret_value", SecretId=arn) == denial(action, arn, missing)


def test_the_key_must_allow_it_in_both_accounts(principal: Principal, owner: Owner) -> None:
    """Reading the value needs kms:Decrypt in the role's policy and in the key's."""
    owner.lets(principal.arn)
    secrets = principal.client("secretsmanager")
    read = {"Action": "secretsmanager:*", "Resource": owner.arn}
    decrypt = {"Action": "kms:Decrypt", "Resource": owner.key}
    principal.may(read, decrypt)
    assert outcome(secrets, "get_secret_value", SecretId=owner.arn) == NO_KEY
    owner.lets_use_key(principal.arn, "kms:Decrypt", "another")
    assert outcome(secrets, "get_secret_value", SecretId=owner.arn) == NO_KEY
    owner.lets_use_key(principal.arn, "kms:Decrypt")
    assert outcome(secrets, "get_secret_value", SecretId=owner.arn) == ALLOWED
    principal.may(read)
    assert outcome(secrets, "get_secret_value", SecretId=owner.arn) == NO_KEY
    assert outcome(secrets, "describe_secret", SecretId=owner.arn) == ALLOWED


@pytest.mark.parametrize("key", ["", "alias/aws/secretsmanager"])
def test_the_default_key_is_for_its_own_account(
    principal: Principal, owner: Owner, key: str
) -> None:
    """The value can't be read or written, whatever the policies say; the versions can be listed."""
    arn = owner.create("default", key)
    owner.lets(principal.arn, arn=arn)
    principal.may({"Action": ["secretsmanager:*", "kms:*"]})
    secrets = principal.client("secretsmanager")
    assert outcome(secrets, "get_secret_value", SecretId=arn) == DEFAULT_KEY
    assert outcome(secrets, "put_secret_value", SecretId=arn, SecretString="x") == DEFAULT_KEY
    assert outcome(secrets, "list_secret_version_ids", SecretId=arn) == ALLOWED


def test_a_version_is_stored_in_the_account_of_the_secret(
    principal: Principal, owner: Owner
) -> None:
    """A caller who may write the secret, and use its key, replaces its value."""
    owner.lets(principal.arn)
    owner.lets_use_key(principal.arn, "kms:GenerateDataKey")
    secrets = principal.client("secretsmanager")
    call = {"SecretId": owner.arn, "SecretString": "ours"}
    write = {"Action": "secretsmanager:PutSecretValue", "Resource": owner.arn}
    principal.may(write)
    assert outcome(secrets, "put_secret_value", **call) == NO_KEY
    principal.may(write, {"Action": "kms:GenerateDataKey", "Resource": owner.key})
    assert outcome(secrets, "put_secret_value", **call) == ALLOWED
    assert owner.secrets.get_secret_value(SecretId="s")["SecretString"] == "ours"


def test_a_name_means_the_secret_of_the_caller(principal: Principal, owner: Owner) -> None:
    """Only an ARN leads to another account."""
    owner.lets(f"arn:aws:iam::{ACCOUNT}:root")
    secrets = principal.cloud.client("secretsmanager")
    assert outcome(secrets, "get_secret_value", SecretId="s")[0] == "ResourceNotFoundException"
    secrets.create_secret(Name="s", SecretString="ours")
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "ours"


def test_without_enforcement_no_policy_is_needed(cloud: LocalCloud) -> None:
    """Without --auth, a secret is read in its account, but not if it has the default key."""
    owner = Owner(cloud)
    secrets = cloud.client("secretsmanager")
    assert secrets.get_secret_value(SecretId=owner.arn)["SecretString"] == "theirs"
    assert outcome(secrets, "get_secret_value", SecretId=owner.create("d", "")) == DEFAULT_KEY
    unknown = owner.arn.replace(":secret:s", ":secret:t")
    assert outcome(secrets, "describe_secret", SecretId=unknown)[0] == "ResourceNotFoundException"

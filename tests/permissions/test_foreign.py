"""What is somebody else's: the function's role can touch none of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from permissions.guarded import StepFailedError, refusal
from server_certificate.contract.ownership import STACK_ID_TAG

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Issued
    from local_cloud import LocalCloud
    from permissions.declaring import Declaration, Key
    from permissions.guarded import GuardedStack, Role

pytestmark = [pytest.mark.local_cloud, pytest.mark.xdist_group("permissions")]

FOREIGN = {"ServerCertificateName": "somebody-elses"}
OTHER_STACK = "arn:aws:cloudformation:eu-central-1:111122223333:stack/other/1"
"""Of which the foreign certificate is."""


@pytest.fixture
def stack(
    cloud: LocalCloud,
    new_stack: Callable[..., GuardedStack],
    states: dict[str, Declaration],
    issue: Callable[[], Issued],
) -> GuardedStack:
    """Return a stack with the certificate ``www``, in an account with a foreign one."""
    stack = new_stack()
    upload(cloud, "somebody-elses", issue(), tags={STACK_ID_TAG: OTHER_STACK})
    stack.launch(states["www"], step="creation", alone=False)
    return stack


def upload(cloud: LocalCloud, name: str, issued: Issued, *, tags: dict[str, str]) -> str:
    """Upload a certificate as somebody else does, and return its id."""
    uploaded = cloud.client("iam").upload_server_certificate(
        ServerCertificateName=name,
        Path="/a/",
        CertificateBody=issued.pem,
        PrivateKey=issued.key_pem(),
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    return str(uploaded["ServerCertificateMetadata"]["ServerCertificateId"])


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("delete_server_certificate", FOREIGN),
        ("update_server_certificate", FOREIGN | {"NewServerCertificateName": "web"}),
        ("update_server_certificate", FOREIGN | {"NewPath": "/b/"}),
        ("tag_server_certificate", FOREIGN | {"Tags": [{"Key": "team", "Value": "b"}]}),
        ("untag_server_certificate", FOREIGN | {"TagKeys": [STACK_ID_TAG]}),
        (
            "update_server_certificate",
            {"ServerCertificateName": "www", "NewServerCertificateName": "another"},
        ),
        ("delete_server_certificate", {"ServerCertificateName": "missing"}),
    ],
)
def test_foreign_certificates_and_names(
    stack: GuardedStack, role: Role, method: str, parameters: dict[str, Any]
) -> None:
    """A certificate of another stack can't be changed, nor one's own take a foreign name."""
    before = stack.certificates()
    action = "".join(word.title() for word in method.split("_"))
    refused = refusal(role.client("iam"), method, **parameters)
    assert f"not authorized to perform: iam:{action} on resource" in refused
    assert stack.certificates() == before


def test_foreign_certificates_cannot_be_claimed(
    stack: GuardedStack, role: Role, stack_id: str
) -> None:
    """The tag that would give the right to a certificate can't be put on it."""
    tags = [{"Key": STACK_ID_TAG, "Value": stack_id}]
    refused = refusal(role.client("iam"), "tag_server_certificate", **FOREIGN, Tags=tags)
    assert "not authorized to perform: iam:TagServerCertificate" in refused
    assert stack.certificates()


def test_uploads_under_foreign_names(
    stack: GuardedStack, role: Role, issue: Callable[[], Issued]
) -> None:
    """A name that isn't in the template can't be used."""
    before, issued = stack.certificates(), issue()
    material = {"CertificateBody": issued.pem, "PrivateKey": issued.key_pem()}
    for name in ("another", "www2", "www-2", "web-Certificate"):
        parameters = {"ServerCertificateName": name, **material}
        refused = refusal(role.client("iam"), "upload_server_certificate", **parameters)
        assert "not authorized to perform: iam:UploadServerCertificate" in refused
    assert stack.certificates() == before


@pytest.mark.usefixtures("stack")
def test_foreign_secrets_and_stacks(
    cloud: LocalCloud, role: Role, issue: Callable[[], Issued], keep: Callable[..., Key]
) -> None:
    """Other secrets than the declared one, and other stacks, can't be read."""
    other = keep(issue())
    secrets = role.client("secretsmanager")
    refused = refusal(secrets, "get_secret_value", SecretId=other.secret_arn)
    assert "not authorized to perform: secretsmanager:GetSecretValue" in refused
    created = cloud.client("cloudformation").create_stack(
        StackName="other", TemplateBody='{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    )
    try:
        stacks = role.client("cloudformation")
        refused = refusal(stacks, "describe_stacks", StackName=created["StackId"])
        assert "not authorized to perform: cloudformation:DescribeStacks" in refused
    finally:
        cloud.client("cloudformation").delete_stack(StackName="other")


def test_foreign_keys(
    cloud: LocalCloud, new_stack: Callable[..., GuardedStack], states: dict[str, Declaration]
) -> None:
    """Only the declared key decrypts, and only for Secrets Manager."""
    stack = new_stack()
    declared = states["generated renewed"]
    stack.launch(declared, step="creation")
    (decrypt,) = (each for each in declared.statements if each["Action"] == "kms:Decrypt")
    keys = cloud.client("kms")
    own, other = decrypt["Resource"], keys.create_key()["KeyMetadata"]["Arn"]
    for key in (own, other):
        secret = keys.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        refused = refusal(stack.guarded.client("kms"), "decrypt", CiphertextBlob=secret, KeyId=key)
        assert "not authorized to perform: kms:Decrypt" in refused


def test_what_was_adopted_is_released(
    new_stack: Callable[..., GuardedStack], states: dict[str, Declaration]
) -> None:
    """Without a single denial, and after that the role has no right to it by its tags any more."""
    stack = new_stack()
    declared = states["www"].adopting
    adopted = stack.store_by_hand(declared, path="/a/", tags={"Team": "them"})
    stack.launch(declared, step="creation", alone=False)
    assert stack.physical_id == adopted
    stack.status = "ROLLBACK_IN_PROGRESS"
    stack.send("Delete", PhysicalResourceId=adopted, ResourceProperties=declared.properties)
    assert list(stack.certificates()) == [adopted]
    assert stack.guarded.denied == []
    stack.guarded.role.may(states["generated"].statements)
    client = stack.guarded.role.client("iam")
    refused = refusal(client, "delete_server_certificate", ServerCertificateName="www")
    assert "not authorized to perform: iam:DeleteServerCertificate" in refused


def test_a_name_that_is_taken(
    cloud: LocalCloud,
    new_stack: Callable[..., GuardedStack],
    states: dict[str, Declaration],
    issue: Callable[[], Issued],
) -> None:
    """The policy allows the declared name for any certificate, but the function leaves others alone."""
    stack = new_stack()
    upload(cloud, "www", issue(), tags={STACK_ID_TAG: OTHER_STACK})
    before = stack.certificates()
    with pytest.raises(StepFailedError, match=r"The name 'www' is taken .*:stack/other/1"):
        stack.launch(states["www"], step="creation")
    not_created = stack.answers[-1]["PhysicalResourceId"]
    properties = states["www"].properties
    stack.status = "ROLLBACK_IN_PROGRESS"
    stack.send("Delete", PhysicalResourceId=not_created, ResourceProperties=properties)
    assert stack.certificates() == before
    assert stack.guarded.denied == []

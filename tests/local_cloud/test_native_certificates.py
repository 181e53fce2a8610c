"""``AWS::IAM::ServerCertificate`` in templates."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from support.template_stacks import GONE, TemplateStack
from support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cloud import LocalCloud
    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

OUTPUTS = {"Ref": {"Ref": "C"}, "Arn": {"Fn::GetAtt": ["C", "Arn"]}}
ROOT_ARN = "arn:aws:iam::111122223333:server-certificate"

# Fails without touching anything, after what it depends on.
BROKEN = {
    "Type": "Custom::Broken",
    "DependsOn": "C",
    "Properties": {"ServiceToken": "arn:aws:lambda:eu-central-1:111122223333:function:missing"},
}


@pytest.fixture
def stack(cloud: LocalCloud) -> TemplateStack:
    """Return a stack that isn't created yet."""
    return TemplateStack(cloud)


@pytest.fixture
def native(certificates: Certificates) -> Callable[..., dict[str, Any]]:
    """Return a resource, with properties to add or change, and with attributes."""

    def resource(properties: dict[str, Any] | None = None, **attributes: str) -> dict[str, Any]:
        material = certificates.upload_parameters()
        del material["ServerCertificateName"]
        changed = material | (properties or {})
        return {"Type": "AWS::IAM::ServerCertificate", "Properties": changed, **attributes}

    return resource


def in_iam(iam: Any) -> dict[str, str]:  # noqa: ANN401 - boto3's
    """Return the ids of all certificates by their ARN."""
    found = iam.list_server_certificates()["ServerCertificateMetadataList"]
    return {each["Arn"]: each["ServerCertificateId"] for each in found}


def tags_of(iam: Any, name: str) -> dict[str, str]:  # noqa: ANN401 - boto3's
    """Return the tags of a certificate."""
    listed = iam.list_server_certificate_tags(ServerCertificateName=name)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in listed}


def test_life_with_a_generated_name(
    stack: TemplateStack,
    iam: Any,  # noqa: ANN401 - boto3's
    native: Any,  # noqa: ANN401 - a fixture's function
    certificates: Certificates,
) -> None:
    """Ref is the generated name, Arn the ARN, stack tags are added, and the stack deletes it."""
    resource = native({"Path": "/web/", "Tags": [{"Key": "team", "Value": "shop"}]})
    assert (
        stack.deploy({"C": resource}, outputs=OUTPUTS, tags={"stage": "test"}) == "CREATE_COMPLETE"
    )
    name = stack.outputs()["Ref"]
    assert re.fullmatch(r"s-C-[A-Z0-9]{12}", name)
    assert stack.physical_id("C") == name
    assert stack.outputs()["Arn"] == f"{ROOT_ARN}/web/{name}"
    held = iam.get_server_certificate(ServerCertificateName=name)["ServerCertificate"]
    assert held["CertificateBody"] == certificates.self_signed.pem.strip()
    assert tags_of(iam, name) == {"team": "shop", "stage": "test"}
    assert stack.delete() == GONE
    assert in_iam(iam) == {}


def test_path_and_tags_change_in_place(
    stack: TemplateStack,
    iam: Any,  # noqa: ANN401 - boto3's
    native: Any,  # noqa: ANN401 - a fixture's function
) -> None:
    """The id stays, the ARN changes, and tags that aren't the stack's stay."""
    before = native({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}]})
    assert stack.deploy({"C": before}, outputs=OUTPUTS) == "CREATE_COMPLETE"
    name = stack.outputs()["Ref"]
    (certificate_id,) = in_iam(iam).values()
    iam.tag_server_certificate(ServerCertificateName=name, Tags=[{"Key": "by", "Value": "hand"}])
    after = native(
        {"Path": "/new/", "Tags": [{"Key": "b", "Value": "2"}, {"Key": "c", "Value": "1"}]}
    )
    assert stack.deploy({"C": after}, outputs=OUTPUTS) == "UPDATE_COMPLETE"
    assert in_iam(iam) == {f"{ROOT_ARN}/new/{name}": certificate_id}
    assert stack.outputs() == {"Ref": name, "Arn": f"{ROOT_ARN}/new/{name}"}
    assert tags_of(iam, name) == {"b": "2", "c": "1", "by": "hand"}
    # The default path and no tags, and then a failure that takes it back.
    assert stack.deploy({"C": native(), "B": BROKEN}) == "UPDATE_ROLLBACK_COMPLETE"
    assert in_iam(iam) == {f"{ROOT_ARN}/new/{name}": certificate_id}
    assert tags_of(iam, name) == {"b": "2", "c": "1", "by": "hand"}


def test_content_and_name_replace(
    stack: TemplateStack,
    iam: Any,  # noqa: ANN401 - boto3's
    native: Any,  # noqa: ANN401 - a fixture's function
    certificates: Certificates,
) -> None:
    """Each creates a certificate first and deletes the old one last, as the change set says."""
    leaf = certificates.leaf
    other = {"CertificateBody": leaf.pem, "PrivateKey": leaf.key_pem()}
    changes: list[dict[str, Any]] = [
        {},
        other,
        other | {"CertificateChain": leaf.chain_pem()},
        other | {"CertificateChain": leaf.chain_pem(), "ServerCertificateName": "www"},
        # The same key in another encoding.
        other
        | {"CertificateChain": leaf.chain_pem(), "ServerCertificateName": "www2"}
        | {"PrivateKey": leaf.key_pem("sec1")},
    ]
    seen: list[str] = []
    for properties in changes:
        assert stack.deploy({"C": native(properties)}, outputs=OUTPUTS).endswith("E_COMPLETE")
        (certificate_id,) = in_iam(iam).values()
        assert certificate_id not in seen
        seen.append(certificate_id)
        assert stack.outputs()["Arn"] in in_iam(iam)
    assert stack.outputs()["Ref"] == "www2"
    reasons = [reason for *_, reason in stack.events("C") if "requires the creation" in reason]
    assert len(reasons) == len(changes) - 1
    stack.client.create_change_set(
        StackName="s",
        ChangeSetName="look",
        TemplateBody=json.dumps({"Resources": {"C": native(changes[3])}}),
    )
    change_set = stack.client.describe_change_set(StackName="s", ChangeSetName="look")
    (change,) = change_set["Changes"]
    assert change["ResourceChange"]["Replacement"] == "True"


def test_a_renewal_under_a_fixed_name_collides_with_itself(
    stack: TemplateStack,
    iam: Any,  # noqa: ANN401 - boto3's
    native: Any,  # noqa: ANN401 - a fixture's function
    certificates: Certificates,
) -> None:
    """The new certificate would be created first, under the same name; the old one stays."""
    named = {"ServerCertificateName": "www"}
    assert stack.deploy({"C": native(named)}) == "CREATE_COMPLETE"
    before = in_iam(iam)
    leaf = certificates.leaf
    renewed = named | {"CertificateBody": leaf.pem, "PrivateKey": leaf.key_pem()}
    assert stack.deploy({"C": native(renewed)}) == "UPDATE_ROLLBACK_COMPLETE"
    assert in_iam(iam) == before
    assert re.fullmatch(
        r'Resource handler returned message: "The Server Certificate with name www already exists\. '
        r"\(Service: Iam, Status Code: 409, Request ID: [0-9a-f-]{36}\) \(SDK Attempt Count: 1\)\" "
        r"\(RequestToken: [0-9a-f-]{36}, HandlerErrorCode: AlreadyExists\)",
        stack.reason("C"),
    )


def test_a_replacement_is_rolled_back(
    stack: TemplateStack,
    iam: Any,  # noqa: ANN401 - boto3's
    native: Any,  # noqa: ANN401 - a fixture's function
    certificates: Certificates,
) -> None:
    """The new certificate is deleted; the stack holds the old one, which was never deleted."""
    assert stack.deploy({"C": native()}) == "CREATE_COMPLETE"
    before, name = in_iam(iam), stack.physical_id("C")
    leaf = certificates.leaf
    renewed = native({"CertificateBody": leaf.pem, "PrivateKey": leaf.key_pem()})
    assert stack.deploy({"C": renewed, "B": BROKEN}) == "UPDATE_ROLLBACK_COMPLETE"
    assert in_iam(iam) == before
    assert stack.physical_id("C") == name


def test_a_retained_certificate_stays(
    stack: TemplateStack,
    iam: Any,  # noqa: ANN401 - boto3's
    native: Any,  # noqa: ANN401 - a fixture's function
) -> None:
    """It outlives its resource and its stack, and a later stack of this name gets another name."""
    retained = native(DeletionPolicy="Retain")
    other = {"Type": "AWS::SNS::Topic"}
    assert stack.deploy({"C": retained, "T": other}) == "CREATE_COMPLETE"
    assert stack.deploy({"T": other}) == "UPDATE_COMPLETE"
    assert len(in_iam(iam)) == 1
    assert stack.deploy({"C": retained, "T": other}) == "UPDATE_COMPLETE"
    assert stack.delete() == GONE
    assert len(in_iam(iam)) == 2


def test_a_certificate_in_use_fails_the_deletion(
    cloud: LocalCloud,
    stack: TemplateStack,
    iam: Any,  # noqa: ANN401 - boto3's
    native: Any,  # noqa: ANN401 - a fixture's function
) -> None:
    """The stack is DELETE_FAILED with IAM's message, and can be deleted once nothing uses it."""
    assert stack.deploy({"C": native()}, outputs=OUTPUTS) == "CREATE_COMPLETE"
    elb = cloud.client("elbv2")
    balancer = elb.create_load_balancer(Name="edge")["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elb.create_listener(
        LoadBalancerArn=balancer,
        Port=443,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": stack.outputs()["Arn"]}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )["Listeners"][0]["ListenerArn"]
    assert stack.delete() == "DELETE_FAILED"
    assert f"is currently in use by {balancer}" in stack.reason("C")
    assert "HandlerErrorCode: GeneralServiceException)" in stack.reason("C")
    elb.delete_listener(ListenerArn=listener)
    assert stack.delete() == GONE
    assert in_iam(iam) == {}


def test_what_was_deleted_by_hand(
    stack: TemplateStack,
    iam: Any,  # noqa: ANN401 - boto3's
    native: Any,  # noqa: ANN401 - a fixture's function
) -> None:
    """Its tags can't be changed any more, and its deletion succeeds."""
    assert stack.deploy({"C": native({"ServerCertificateName": "www"})}) == "CREATE_COMPLETE"
    iam.delete_server_certificate(ServerCertificateName="www")
    tagged = native({"ServerCertificateName": "www", "Tags": [{"Key": "a", "Value": "1"}]})
    assert stack.deploy({"C": tagged}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "with name www cannot be found." in stack.reason("C")
    assert "HandlerErrorCode: NotFound)" in stack.reason("C")
    assert stack.delete() == GONE


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        pytest.param(
            {"ServerCertificateName": "a b"},
            "The specified value for serverCertificateName is invalid.",
            id="name",
        ),
        pytest.param({"CertificateBody": "text"}, "Unable to parse certificate.", id="body"),
        pytest.param({"CertificateChain": "text"}, "HandlerErrorCode: InvalidRequest)", id="chain"),
        pytest.param(
            {"ServerCertificateName": "taken"}, "HandlerErrorCode: AlreadyExists)", id="taken"
        ),
        pytest.param(
            {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]},
            "Duplicate tag keys found.",
            id="repeated tag",
        ),
        pytest.param(
            {"Id": "ASCA", "Path": "/" * 513},
            "Properties validation failed for resource C with message: "
            "[#: extraneous key [Id] is not permitted, #/Path: expected maxLength: 512, actual: 513]",
            id="unknown and too long",
        ),
        pytest.param(
            {"Tags": [{"Key": "a", "Value": ""}, {"Key": "b"}]},
            "[#/Tags/0/Value: expected minLength: 1, actual: 0, "
            "#/Tags/1: required key [Value] not found]",
            id="tag without a value",
        ),
        pytest.param(
            {"PrivateKey": {"a": "b"}},
            "[#/PrivateKey: expected type: String, found: JSONObject]",
            id="key that is a map",
        ),
    ],
)
def test_what_is_refused(
    stack: TemplateStack,
    iam: Any,  # noqa: ANN401 - boto3's
    native: Any,  # noqa: ANN401 - a fixture's function
    certificates: Certificates,
    properties: dict[str, Any],
    expected: str,
) -> None:
    """The creation fails with CloudFormation's or IAM's message, and nothing is left."""
    iam.upload_server_certificate(**certificates.upload_parameters("taken"))
    before = in_iam(iam)
    assert stack.deploy({"C": native(properties)}) == "ROLLBACK_COMPLETE"
    assert expected in stack.reason("C")
    assert in_iam(iam) == before


def test_the_quota_also_counts_for_a_replacement(
    cloud: LocalCloud,
    stack: TemplateStack,
    iam: Any,  # noqa: ANN401 - boto3's
    native: Any,  # noqa: ANN401 - a fixture's function
) -> None:
    """For a moment there are two certificates."""
    with cloud.knobs(quota=1):
        assert stack.deploy({"C": native()}) == "CREATE_COMPLETE"
        before = in_iam(iam)
        renamed = native({"ServerCertificateName": "www"})
        assert stack.deploy({"C": renamed}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "HandlerErrorCode: ServiceLimitExceeded)" in stack.reason("C")
    assert in_iam(iam) == before


def test_the_private_key_appears_nowhere(
    cloud: LocalCloud,
    stack: TemplateStack,
    native: Any,  # noqa: ANN401 - a fixture's function
    certificates: Certificates,
) -> None:
    """Neither a creation nor a failure shows it; only the template has it, as its author wrote it."""
    leaf = certificates.leaf
    key = leaf.key_pem()
    fitting = {"CertificateBody": leaf.pem, "PrivateKey": key}
    assert stack.deploy({"C": native(fitting)}) == "CREATE_COMPLETE"
    mismatch = native({"PrivateKey": key, "Path": "/other/"})
    assert stack.deploy({"C": mismatch}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "do not match" in stack.reason("C")
    stack.client.create_change_set(
        StackName="s",
        ChangeSetName="look",
        TemplateBody=json.dumps({"Resources": {"C": mismatch}}),
    )
    shown = [
        stack.client.describe_stacks(StackName="s"),
        stack.client.describe_stack_events(StackName="s"),
        stack.client.describe_stack_resources(StackName="s"),
        stack.client.describe_stack_resource(StackName="s", LogicalResourceId="C"),
        stack.client.list_stack_resources(StackName="s"),
        stack.client.describe_change_set(
            StackName="s", ChangeSetName="look", IncludePropertyValues=True
        ),
        cloud.log_file.read_text(encoding="utf-8"),
    ]
    secret = key.splitlines()[1]
    assert secret not in json.dumps(shown, default=str)
    template = stack.client.get_template(StackName="s")["TemplateBody"]
    assert template["Resources"]["C"]["Properties"]["PrivateKey"] == key


def test_other_attributes_do_not_exist(
    stack: TemplateStack,
    iam: Any,  # noqa: ANN401 - boto3's
    native: Any,  # noqa: ANN401 - a fixture's function
) -> None:
    """There is no attribute with the id, which CloudFront needs."""
    outputs = {"Id": {"Fn::GetAtt": ["C", "ServerCertificateId"]}}
    assert stack.deploy({"C": native()}, outputs=outputs) == "ROLLBACK_COMPLETE"
    assert in_iam(iam) == {}


def test_import(
    stack: TemplateStack,
    iam: Any,  # noqa: ANN401 - boto3's
    native: Any,  # noqa: ANN401 - a fixture's function
    certificates: Certificates,
) -> None:
    """A change set of the type IMPORT takes a certificate over, and one that isn't there fails it."""
    iam.upload_server_certificate(**certificates.upload_parameters("www"))
    before = in_iam(iam)

    def change_set(name: str) -> dict[str, Any]:
        resource = native({"ServerCertificateName": name}, DeletionPolicy="Delete")
        stack.client.create_change_set(
            StackName="s",
            ChangeSetName=f"import-{name}",
            ChangeSetType="IMPORT",
            TemplateBody=json.dumps({"Resources": {"C": resource}}),
            ResourcesToImport=[
                {
                    "ResourceType": resource["Type"],
                    "LogicalResourceId": "C",
                    "ResourceIdentifier": {"ServerCertificateName": name},
                }
            ],
        )
        return wait_for(
            lambda: stack.client.describe_change_set(StackName="s", ChangeSetName=f"import-{name}"),
            lambda seen: not seen["Status"].endswith(("PENDING", "IN_PROGRESS")),
        )

    missing = change_set("missing")
    assert missing["Status"] == "FAILED"
    assert "with name missing cannot be found." in missing["StatusReason"]
    assert change_set("www")["Status"] == "CREATE_COMPLETE"
    stack.client.execute_change_set(StackName="s", ChangeSetName="import-www")
    assert stack.rest() == "IMPORT_COMPLETE"
    assert stack.physical_id("C") == "www"
    assert in_iam(iam) == before
    assert stack.delete() == GONE
    assert in_iam(iam) == {}

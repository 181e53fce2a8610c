"""The certificates of a listener in addition to its default one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from support.waiting import wait_for

if TYPE_CHECKING:
    from local_cloud import LocalCloud
    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud


@pytest.fixture
def arns(iam: Any, certificates: Certificates) -> dict[str, str]:  # noqa: ANN401 - boto3's
    """Upload three certificates; their ARNs by name."""
    return {
        name: iam.upload_server_certificate(**certificates.upload_parameters(name))[
            "ServerCertificateMetadata"
        ]["Arn"]
        for name in ("default", "one", "two")
    }


@pytest.fixture
def listener(cloud: LocalCloud, arns: dict[str, str]) -> str:
    """Make a listener with its default certificate."""
    elb = cloud.client("elbv2")
    balancer = elb.create_load_balancer(Name="edge")["LoadBalancers"][0]["LoadBalancerArn"]
    created = elb.create_listener(
        LoadBalancerArn=balancer,
        Port=443,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": arns["default"]}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )
    found: str = created["Listeners"][0]["ListenerArn"]
    return found


def listed(cloud: LocalCloud, listener: str) -> list[tuple[str, bool]]:
    """Return the certificates of a listener by name, and which is the default."""
    answer = cloud.client("elbv2").describe_listener_certificates(ListenerArn=listener)
    return [
        (each["CertificateArn"].rpartition("/")[2], each["IsDefault"])
        for each in answer["Certificates"]
    ]


def test_added_certificates_are_held(
    cloud: LocalCloud,
    iam: Any,  # noqa: ANN401 - boto3's
    arns: dict[str, str],
    listener: str,
) -> None:
    """They are listed once, can't be deleted, and can once they were removed."""
    elb = cloud.client("elbv2")
    given = {"ListenerArn": listener, "Certificates": [{"CertificateArn": arns["one"]}]}
    for _ in range(2):
        added = elb.add_listener_certificates(**given)["Certificates"]
        assert added == [{"CertificateArn": arns["one"], "IsDefault": False}]
    assert listed(cloud, listener) == [("default", True), ("one", False)]
    with pytest.raises(ClientError, match="DeleteConflict"):
        iam.delete_server_certificate(ServerCertificateName="one")
    elb.remove_listener_certificates(**given)
    iam.delete_server_certificate(ServerCertificateName="one")
    assert listed(cloud, listener) == [("default", True)]


def test_what_is_refused(cloud: LocalCloud, arns: dict[str, str], listener: str) -> None:
    """Unknown certificates and listeners are refused, and the default certificate stays."""
    elb = cloud.client("elbv2")
    default = [{"CertificateArn": arns["default"]}]
    unknown = [{"CertificateArn": f"{arns['one']}-unknown"}]
    with pytest.raises(ClientError, match="CertificateNotFound"):
        elb.add_listener_certificates(ListenerArn=listener, Certificates=unknown)
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        elb.remove_listener_certificates(ListenerArn=listener, Certificates=default)
    for call in (elb.add_listener_certificates, elb.remove_listener_certificates):
        with pytest.raises(ClientError, match="ListenerNotFound"):
            call(ListenerArn=f"{listener}0", Certificates=default)
    with pytest.raises(ClientError, match="ListenerNotFound"):
        elb.describe_listener_certificates(ListenerArn=f"{listener}0")


def stack_with(cloud: LocalCloud, call: str, listener: str, arn: str) -> str:
    """Create or update a stack with one added certificate; return the status it comes to rest in."""
    client = cloud.client("cloudformation")
    resource = {
        "Type": "AWS::ElasticLoadBalancingV2::ListenerCertificate",
        "Properties": {"ListenerArn": listener, "Certificates": [{"CertificateArn": arn}]},
    }
    template = json.dumps({"Resources": {"Added": resource}})
    getattr(client, call)(StackName="s", TemplateBody=template)
    return rest(cloud)


def rest(cloud: LocalCloud) -> str:
    """Wait until the stack rests; return its status."""
    client = cloud.client("cloudformation")

    def status() -> str:
        stacks = client.describe_stacks()["Stacks"]
        return str(stacks[0]["StackStatus"]) if stacks else "gone"

    return wait_for(status, lambda status: not status.endswith("IN_PROGRESS"))


def test_stack_adds_changes_and_removes(
    cloud: LocalCloud,
    iam: Any,  # noqa: ANN401 - boto3's
    arns: dict[str, str],
    listener: str,
) -> None:
    """A stack's certificate is added, exchanged in place, and removed with the stack."""
    assert stack_with(cloud, "create_stack", listener, arns["one"]) == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match="DeleteConflict"):
        iam.delete_server_certificate(ServerCertificateName="one")
    assert stack_with(cloud, "update_stack", listener, arns["two"]) == "UPDATE_COMPLETE"
    assert listed(cloud, listener) == [("default", True), ("two", False)]
    iam.delete_server_certificate(ServerCertificateName="one")
    cloud.client("cloudformation").delete_stack(StackName="s")
    assert rest(cloud) == "gone"
    assert listed(cloud, listener) == [("default", True)]


def test_stack_moves_it_to_another_listener(
    cloud: LocalCloud, arns: dict[str, str], listener: str
) -> None:
    """Another listener gets the certificate, and the one before loses it."""
    elb = cloud.client("elbv2")
    (first,) = elb.describe_listeners(ListenerArns=[listener])["Listeners"]
    other = elb.create_listener(
        LoadBalancerArn=first["LoadBalancerArn"],
        Port=8443,
        Protocol="HTTPS",
        Certificates=first["Certificates"],
        DefaultActions=first["DefaultActions"],
    )["Listeners"][0]["ListenerArn"]
    assert stack_with(cloud, "create_stack", listener, arns["one"]) == "CREATE_COMPLETE"
    assert stack_with(cloud, "update_stack", other, arns["one"]) == "UPDATE_COMPLETE"
    assert listed(cloud, listener) == [("default", True)]
    assert listed(cloud, other) == [("default", True), ("one", False)]


def test_stack_fails_with_an_unknown_certificate(
    cloud: LocalCloud, arns: dict[str, str], listener: str
) -> None:
    """The stack rolls back, and the listener has nothing of it."""
    status = stack_with(cloud, "create_stack", listener, f"{arns['one']}-unknown")
    assert status == "ROLLBACK_COMPLETE"
    assert listed(cloud, listener) == [("default", True)]

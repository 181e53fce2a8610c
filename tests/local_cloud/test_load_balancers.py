"""What Elastic Load Balancing refuses and deletes, over the API and in stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from support.local_stacks import (
    create_stack,
    delete_stack,
    failure_reason,
    final_status,
    start_stack,
    update_stack,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cloud import LocalCloud
    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

ELB = "arn:aws:elasticloadbalancing:eu-central-1:111122223333"
LOAD_BALANCER = f"{ELB}:loadbalancer/app/missing/1234567890abcdef"
LISTENER = f"{ELB}:listener/app/missing/1234567890abcdef/1234567890abcdef"
TARGET_GROUP = f"{ELB}:targetgroup/missing/1234567890abcdef"
FIXED = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}]
IAM_ARN = "arn:aws:iam::111122223333:server-certificate/missing"
ACM_ARN = "arn:aws:acm:eu-central-1:111122223333:certificate/missing"


@pytest.fixture
def elb(cloud: LocalCloud) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return a client of an empty cloud."""
    return cloud.client("elbv2")


@pytest.fixture
def arn(iam: Any, certificates: Certificates) -> str:  # noqa: ANN401 - boto3's
    """Upload a certificate; return its ARN."""
    uploaded = iam.upload_server_certificate(**certificates.upload_parameters())
    found: str = uploaded["ServerCertificateMetadata"]["Arn"]
    return found


def balancer_in(elb: Any, kind: str = "application") -> str:  # noqa: ANN401 - boto3's
    """Create a load balancer of a type; return its ARN."""
    created = elb.create_load_balancer(Name=f"{kind}-one", Type=kind)
    found: str = created["LoadBalancers"][0]["LoadBalancerArn"]
    return found


def refusal(call: Callable[..., object], **parameters: Any) -> tuple[str, str]:  # noqa: ANN401 - boto3's
    """Make a call that is refused; return code and text."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def certificates_of(*arns: str) -> list[dict[str, str]]:
    """Return a listener's Certificates."""
    return [{"CertificateArn": each} for each in arns]


# Protocol, certificates, code and text.
REFUSED = (
    ("HTTPS", (), "ValidationError", "A certificate must be specified for HTTPS listeners"),
    ("TLS", (), "ValidationError", "A certificate must be specified for TLS listeners"),
    ("HTTP", (IAM_ARN,), "ValidationError", "A certificate cannot be specified for HTTP listeners"),
    ("TCP", (IAM_ARN,), "ValidationError", "A certificate cannot be specified for TCP listeners"),
    ("HTTPS", ("garbage",), "ValidationError", "Certificate ARN 'garbage' is not valid"),
    *(
        ("HTTPS", (foreign,), "ValidationError", f"Certificate ARN '{foreign}' is not valid")
        for foreign in (
            "arn:aws:acm:us-east-1:111122223333:certificate/elsewhere",
            "arn:aws:acm:eu-central-1:444455556666:certificate/foreign",
            "arn:aws:iam::444455556666:server-certificate/foreign",
        )
    ),
    ("HTTPS", (ACM_ARN,), "CertificateNotFound", f"Certificate '{ACM_ARN}' not found"),
    ("TLS", (IAM_ARN,), "CertificateNotFound", f"Certificate '{IAM_ARN}' not found"),
    (
        "HTTPS",
        (IAM_ARN, ACM_ARN),
        "TooManyCertificates",
        "Up to '1' certificate ARNs can be specified, but '2' were specified",
    ),
)


def test_refused_certificates(elb: Any, arn: str) -> None:  # noqa: ANN401 - boto3's
    """A new and a changed listener are refused with the same code and text, and stay as they were."""
    balancer = balancer_in(elb)
    given = {"LoadBalancerArn": balancer, "DefaultActions": FIXED, "Port": 443}
    plain = elb.create_listener(**given, Protocol="HTTP")["Listeners"][0]
    for protocol, arns, code, text in REFUSED:
        changes = {"Protocol": protocol, "Certificates": certificates_of(*arns)}
        assert refusal(elb.create_listener, **given, **changes) == (code, text)
        changed = refusal(elb.modify_listener, ListenerArn=plain["ListenerArn"], **changes)
        assert changed == (code, text)
    assert elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"] == [plain]

    # What isn't given is what the listener has.
    modify = {"ListenerArn": plain["ListenerArn"]}
    assert refusal(elb.modify_listener, **modify, Certificates=certificates_of(arn)) == (
        "ValidationError",
        "A certificate cannot be specified for HTTP listeners",
    )
    elb.modify_listener(**modify, Protocol="HTTPS", Certificates=certificates_of(arn))
    elb.modify_listener(**modify, Port=8443)


def test_refused_additional_certificates(elb: Any, arn: str) -> None:  # noqa: ANN401 - boto3's
    """They are checked like the default one, and a listener has none without TLS."""
    created = elb.create_listener(
        LoadBalancerArn=balancer_in(elb),
        Protocol="HTTPS",
        Port=443,
        DefaultActions=FIXED,
        Certificates=certificates_of(arn),
    )
    listener = {"ListenerArn": created["Listeners"][0]["ListenerArn"]}

    def added(*arns: str) -> tuple[str, str]:
        return refusal(
            elb.add_listener_certificates, **listener, Certificates=certificates_of(*arns)
        )

    assert added(arn, "garbage") == ("ValidationError", "Certificate ARN 'garbage' is not valid")
    assert added(ACM_ARN) == ("CertificateNotFound", f"Certificate '{ACM_ARN}' not found")
    elb.add_listener_certificates(**listener, Certificates=certificates_of(arn))
    elb.modify_listener(**listener, Protocol="HTTP")
    assert added(arn) == (
        "ValidationError",
        "A certificate cannot be specified for HTTP listeners",
    )
    assert elb.describe_listener_certificates(**listener)["Certificates"] == []


def test_certificates_of_acm_are_accepted(cloud: LocalCloud, elb: Any) -> None:  # noqa: ANN401 - boto3's
    """A certificate that ACM has is fine."""
    acm = cloud.client("acm").request_certificate(DomainName="www.example.com")["CertificateArn"]
    created = elb.create_listener(
        LoadBalancerArn=balancer_in(elb),
        Protocol="HTTPS",
        Port=443,
        DefaultActions=FIXED,
        Certificates=certificates_of(acm),
    )
    assert created["Listeners"][0]["Certificates"] == certificates_of(acm)


def test_a_deleted_load_balancer_frees_its_certificate(elb: Any, iam: Any, arn: str) -> None:  # noqa: ANN401 - boto3's
    """Its listeners go with it; a load balancer that is gone can be deleted again."""
    balancer = balancer_in(elb)
    elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTPS",
        Port=443,
        DefaultActions=FIXED,
        Certificates=certificates_of(arn),
    )
    for _ in range(2):
        elb.delete_load_balancer(LoadBalancerArn=balancer)
    assert elb.describe_listeners()["Listeners"] == []
    iam.delete_server_certificate(ServerCertificateName="www")


@pytest.mark.parametrize(("kind", "prefix"), [("network", "net"), ("gateway", "gwy")])
def test_arns_have_the_type(elb: Any, kind: str, prefix: str) -> None:  # noqa: ANN401 - boto3's
    """The ARNs of a Network or Gateway Load Balancer and of its listeners work, and say what it is."""
    balancer = balancer_in(elb, kind)
    assert f":loadbalancer/{prefix}/{kind}-one/" in balancer
    target_group = elb.create_target_group(Name="targets")["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": target_group}]
    created = elb.create_listener(LoadBalancerArn=balancer, DefaultActions=forward)["Listeners"][0]
    assert created["ListenerArn"].startswith(f"{balancer.replace(':loadbalancer/', ':listener/')}/")
    assert created["LoadBalancerArn"] == balancer
    listener = {"ListenerArn": created["ListenerArn"]}
    (rule,) = elb.describe_rules(**listener)["Rules"]
    assert f":listener-rule/{prefix}/" in rule["RuleArn"]
    elb.describe_listener_attributes(**listener)
    elb.describe_load_balancer_attributes(LoadBalancerArn=balancer)
    elb.add_tags(ResourceArns=[balancer], Tags=[{"Key": "k", "Value": "v"}])
    elb.delete_listener(**listener)
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    assert elb.describe_load_balancers()["LoadBalancers"] == []


FORWARD = [{"Type": "forward", "TargetGroupArn": TARGET_GROUP}]
WEIGHTED = [
    {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": TARGET_GROUP}]}}
]
# Action, parameters, and the place of its answer.
MISSING = (
    ("create_listener", {"LoadBalancerArn": LOAD_BALANCER, "DefaultActions": FIXED}, 0),
    ("describe_listeners", {"LoadBalancerArn": LOAD_BALANCER}, 0),
    ("describe_target_groups", {"LoadBalancerArn": LOAD_BALANCER}, 0),
    ("set_subnets", {"LoadBalancerArn": LOAD_BALANCER, "Subnets": ["subnet-1"]}, 0),
    ("add_tags", {"ResourceArns": [LOAD_BALANCER], "Tags": [{"Key": "k"}]}, 0),
    ("describe_target_health", {"TargetGroupArn": TARGET_GROUP}, 1),
    ("register_targets", {"TargetGroupArn": TARGET_GROUP, "Targets": [{"Id": "i"}]}, 1),
    ("modify_target_group", {"TargetGroupArn": TARGET_GROUP}, 1),
    ("delete_listener", {"ListenerArn": LISTENER}, 2),
    ("modify_listener", {"ListenerArn": LISTENER}, 2),
    ("describe_listener_certificates", {"ListenerArn": LISTENER}, 2),
    ("add_listener_certificates", {"ListenerArn": LISTENER, "Certificates": []}, 2),
    ("remove_listener_certificates", {"ListenerArn": LISTENER, "Certificates": []}, 2),
    ("describe_load_balancers", {"LoadBalancerArns": [LOAD_BALANCER]}, 3),
    ("describe_target_groups", {"TargetGroupArns": [TARGET_GROUP]}, 4),
    ("describe_target_groups", {"Names": ["missing"]}, 4),
    ("describe_listeners", {"ListenerArns": [LISTENER]}, 5),
    ("describe_rules", {"ListenerArn": LISTENER}, 5),
    ("describe_load_balancers", {"Names": ["missing", "gone"]}, 6),
)
ANSWERS = (
    ("LoadBalancerNotFound", f"Load balancer '{LOAD_BALANCER}' not found"),
    ("TargetGroupNotFound", f"Target groups '{TARGET_GROUP}' not found"),
    ("ListenerNotFound", f"Listener '{LISTENER}' not found"),
    ("LoadBalancerNotFound", "One or more load balancers not found"),
    ("TargetGroupNotFound", "One or more target groups not found"),
    ("ListenerNotFound", "One or more listeners not found"),
    ("LoadBalancerNotFound", "Load balancers '[missing, gone]' not found"),
)


def test_unknown_references(elb: Any) -> None:  # noqa: ANN401 - boto3's
    """Whatever a call refers to must exist."""
    for action, parameters, place in MISSING:
        assert refusal(getattr(elb, action), **parameters) == ANSWERS[place], action
    given = {"LoadBalancerArn": balancer_in(elb), "Protocol": "HTTP", "Port": 80}
    plain = elb.create_listener(**given, DefaultActions=FIXED)["Listeners"][0]["ListenerArn"]
    for actions in (FORWARD, WEIGHTED):
        assert refusal(elb.create_listener, **given, DefaultActions=actions) == ANSWERS[1]
        changed = refusal(elb.modify_listener, ListenerArn=plain, DefaultActions=actions)
        assert changed == ANSWERS[1]
        rule = {"Priority": 1, "Conditions": [{"Field": "path-pattern", "Values": ["/"]}]}
        assert refusal(elb.create_rule, ListenerArn=plain, Actions=actions, **rule) == ANSWERS[1]


@pytest.mark.parametrize(
    ("action", "parameter", "words"),
    [
        ("delete_load_balancer", "LoadBalancerArn", "load balancer"),
        ("describe_target_health", "TargetGroupArn", "target group"),
        ("delete_listener", "ListenerArn", "listener"),
    ],
)
def test_references_that_are_none(elb: Any, action: str, parameter: str, words: str) -> None:  # noqa: ANN401 - boto3's
    """What isn't an ARN, or is one of another account or Region, is refused as such."""
    foreign = LOAD_BALANCER.replace("111122223333", "444455556666")
    for given in ("garbage", foreign):
        assert refusal(getattr(elb, action), **{parameter: given}) == (
            "ValidationError",
            f"'{given}' is not a valid {words} ARN",
        )


BALANCER = {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"}


def listener_of(balancer: object, **properties: object) -> dict[str, Any]:
    """Return a stack's HTTPS listener; properties replace others."""
    given = {"LoadBalancerArn": balancer, "Port": 443, "Protocol": "HTTPS", "DefaultActions": FIXED}
    return {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": given | properties}


def test_stacks_are_refused_alike(cloud: LocalCloud, elb: Any, arn: str) -> None:  # noqa: ANN401 - boto3's
    """A stack's listener fails with the text of the API, in the form of a resource handler."""
    balancer = balancer_in(elb)
    certificates = certificates_of(arn)
    plain = elb.create_listener(
        LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=FIXED
    )["Listeners"][0]["ListenerArn"]
    rule = {"Priority": 1, "Conditions": [], "Actions": FORWARD}
    v2 = "AWS::ElasticLoadBalancingV2"
    cases: list[tuple[dict[str, Any], str, str]] = [
        (
            listener_of(balancer, Protocol=protocol, Certificates=certificates_of(*arns)),
            text,
            "NotFound" if code == "CertificateNotFound" else "InvalidRequest",
        )
        for protocol, arns, code, text in (*REFUSED[::4], REFUSED[-1])
    ]
    cases += [
        (listener_of(LOAD_BALANCER, Certificates=certificates), ANSWERS[0][1], "NotFound"),
        (
            listener_of(balancer, Certificates=certificates, DefaultActions=WEIGHTED),
            ANSWERS[1][1],
            "NotFound",
        ),
        (
            {"Type": f"{v2}::ListenerRule", "Properties": rule | {"ListenerArn": plain}},
            ANSWERS[1][1],
            "NotFound",
        ),
        (
            {
                "Type": f"{v2}::ListenerCertificate",
                "Properties": {"ListenerArn": plain, "Certificates": certificates},
            },
            "A certificate cannot be specified for HTTP listeners",
            "InvalidRequest",
        ),
        (
            {
                "Type": f"{v2}::ListenerCertificate",
                "Properties": {"ListenerArn": LISTENER, "Certificates": certificates},
            },
            ANSWERS[2][1],
            "NotFound",
        ),
    ]
    for place, (resource, _, _) in enumerate(cases):
        start_stack(cloud, f"s{place}", {"Resource": resource})
    for place, (_, text, kind) in enumerate(cases):
        assert final_status(cloud, f"s{place}") == "ROLLBACK_COMPLETE"
        reason = failure_reason(cloud, f"s{place}")
        start = f'Resource handler returned message: "{text} (Service: ElasticLoadBalancingV2, '
        assert reason.startswith(start)
        assert reason.endswith(f"HandlerErrorCode: {kind})")


def test_a_stack_has_a_network_load_balancer(
    cloud: LocalCloud,
    elb: Any,  # noqa: ANN401 - boto3's
    iam: Any,  # noqa: ANN401 - boto3's
    arn: str,
) -> None:
    """Its ARNs say so after creation and update, and its deletion frees the certificate."""
    balancer = {**BALANCER, "Properties": {"Type": "network", "Name": "edge"}}
    listener = listener_of({"Ref": "Balancer"}, Protocol="TLS", Certificates=certificates_of(arn))
    resources = {"Balancer": balancer, "Listener": listener}
    assert create_stack(cloud, "s", resources) == "CREATE_COMPLETE"
    (made,) = elb.describe_listeners()["Listeners"]
    assert ":listener/net/edge/" in made["ListenerArn"]
    assert ":loadbalancer/net/edge/" in made["LoadBalancerArn"]
    balancer["Properties"]["Tags"] = [{"Key": "k", "Value": "v"}]
    listener["Properties"]["Port"] = 8443
    name = {"Type": "AWS::SSM::Parameter"}
    name["Properties"] = {
        "Type": "String",
        "Value": {"Fn::GetAtt": "Balancer.LoadBalancerFullName"},
    }
    assert update_stack(cloud, "s", {**resources, "Name": name}) == "UPDATE_COMPLETE"
    (updated,) = elb.describe_listeners()["Listeners"]
    assert updated == {**made, "Port": 8443}
    ssm = cloud.client("ssm")
    (parameter,) = ssm.describe_parameters()["Parameters"]
    full_name = ssm.get_parameter(Name=parameter["Name"])["Parameter"]["Value"]
    assert made["LoadBalancerArn"].endswith(f":loadbalancer/{full_name}")
    delete_stack(cloud, "s")
    assert elb.describe_load_balancers()["LoadBalancers"] == []
    iam.delete_server_certificate(ServerCertificateName="www")


def test_a_stack_frees_its_certificate_with_the_load_balancer_alone(
    cloud: LocalCloud,
    elb: Any,  # noqa: ANN401 - boto3's
    iam: Any,  # noqa: ANN401 - boto3's
    arn: str,
) -> None:
    """A listener that was added by hand goes with the stack's load balancer."""
    assert create_stack(cloud, "s", {"Balancer": BALANCER}) == "CREATE_COMPLETE"
    balancer = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTPS",
        Port=443,
        DefaultActions=FIXED,
        Certificates=certificates_of(arn),
    )
    delete_stack(cloud, "s")
    iam.delete_server_certificate(ServerCertificateName="www")

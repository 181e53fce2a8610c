"""The examples can be synthesized, and their services refer to the certificate correctly."""

from __future__ import annotations

import functools
import json
import re
import runpy
from typing import TYPE_CHECKING, Any

import aws_cdk
import pytest
from aws_cdk import App, Stack, Stage
from aws_cdk.assertions import Match, Template

from dev import ROOT
from server_certificate.contract.properties import RESOURCE_TYPE, Property
from server_certificate.contract.renewal import EVENT_SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dev.certificates.authority import Authority, Issued

    Synthesize = Callable[..., App]

FOLDER = ROOT / "examples"
STACKS = {
    "alb": "Alb",
    "nlb": "Nlb",
    "consumer_in_another_stack": "ConsumerWeb",
    "encrypted_key": "EncryptedKey",
    "classic_elb": "ClassicElb",
    "cloudfront_distribution": "CloudFrontDistribution",
    "cloudfront_web_distribution": "CloudFrontWebDistribution",
    "cloudfront_china": "CloudFrontChina",
    "elastic_beanstalk": "ElasticBeanstalk",
}
SEVERAL = "several_accounts_and_regions"
SOURCES = "sources"
"""It has no service that uses the certificate; another test deploys it."""

MIGRATION = "from_cfn_server_certificate"
"""It has two states; another test deploys both."""

PREFIX = "name_prefix"
"""It has no explicit name."""

ADOPTION = "retained_and_adopted"
"""It has two states, too."""

RENEWAL = "automatic_renewal"
"""It has no explicit name, because a renewal generates another one."""


@pytest.fixture(scope="module")
def leaf(authority: Authority) -> Issued:
    """Return a certificate for the domain names of all examples, which the construct compares with it."""
    return authority.leaf("www.example.com", "shop.example.com", "www.example.com.cn")


@pytest.fixture
def synthesize(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, leaf: Issued) -> Synthesize:
    """Return a function that runs an example with context values and returns its app."""
    (tmp_path / "certificate.pem").write_text(leaf.pem)
    (tmp_path / "chain.pem").write_text(leaf.chain_pem())
    given = {
        "aws:cdk:bundling-stacks": [],
        "certificate": str(tmp_path / "certificate.pem"),
        "chain": str(tmp_path / "chain.pem"),
    }

    def run(file: str, **context: str) -> App:
        # The CDK CLI passes this in the environment, which Node.js has already read.
        made = functools.partial(App, outdir=str(tmp_path / file), context={**given, **context})
        monkeypatch.setattr(aws_cdk, "App", made)
        monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "111122223333")
        monkeypatch.setenv("CDK_DEFAULT_REGION", "eu-central-1")
        app = runpy.run_path(str(FOLDER / f"{file}.py"), run_name="__main__")["app"]
        assert isinstance(app, App)
        return app

    return run


def template_of(app: App, stack: str) -> Template:
    """Return the template of a stack that is a child of the app."""
    found = app.node.find_child(stack)
    assert isinstance(found, Stack)
    return Template.from_stack(found)


def certificate_in(template: Template) -> tuple[str, dict[str, Any]]:
    """Return the logical id and the properties of the only certificate."""
    ((logical_id, resource),) = template.find_resources(RESOURCE_TYPE).items()
    return logical_id, resource["Properties"]


def arn_in(template: Template) -> dict[str, list[str]]:
    """Return the reference to the certificate's ARN in the template."""
    return {"Fn::GetAtt": [certificate_in(template)[0], "Arn"]}


def test_every_example_is_listed() -> None:
    """Each example is tested, and is listed in the README of the examples."""
    files = {path.stem for path in FOLDER.glob("*.py")}
    assert files == {*STACKS, SEVERAL, SOURCES, MIGRATION, ADOPTION, PREFIX, RENEWAL}
    rows = re.findall(
        r"^\| \[(\w+)\.py\]\((\w+)\.py\)", (FOLDER / "README.md").read_text(), re.MULTILINE
    )
    assert sorted(rows) == sorted((file, file) for file in files)


@pytest.mark.parametrize(("file", "stack"), STACKS.items())
def test_context_reaches_the_certificate(synthesize: Synthesize, file: str, stack: str) -> None:
    """Each example accepts a name, a path and a propagation time, and has defaults."""
    _, plain = certificate_in(template_of(synthesize(file), stack))
    assert Property.SERVER_CERTIFICATE_NAME.value not in plain
    assert plain[Property.PROPAGATION_SECONDS.value] == "30"
    is_cloudfront = file.startswith("cloudfront")
    assert plain[Property.PATH.value] == ("/cloudfront/www/" if is_cloudfront else "/")
    path = "/cloudfront/shop/" if is_cloudfront else "/shop/"
    app = synthesize(file, name="shop", path=path, propagation="0")
    _, given = certificate_in(template_of(app, stack))
    assert given[Property.SERVER_CERTIFICATE_NAME.value] == "shop"
    assert given[Property.PATH.value] == path
    assert given[Property.PROPAGATION_SECONDS.value] == "0"


@pytest.mark.parametrize(
    ("file", "protocol"),
    [("alb", "HTTPS"), ("nlb", "TLS"), ("consumer_in_another_stack", "HTTPS")],
)
def test_listener(synthesize: Synthesize, file: str, protocol: str) -> None:
    """The listeners of ALB and NLB refer to the ARN, in the stack of the certificate."""
    template = template_of(synthesize(file), STACKS[file])
    template.has_resource_properties(
        "AWS::ElasticLoadBalancingV2::Listener",
        {
            "Certificates": [{"CertificateArn": arn_in(template)}],
            "Port": 443,
            "Protocol": protocol,
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        },
    )


def test_classic_load_balancer(synthesize: Synthesize) -> None:
    """The classic load balancer's listener refers to the ARN as ``SSLCertificateId``."""
    template = template_of(synthesize("classic_elb"), "ClassicElb")
    template.has_resource_properties(
        "AWS::ElasticLoadBalancing::LoadBalancer",
        {
            "Listeners": [
                {
                    "InstancePort": "80",
                    "InstanceProtocol": "http",
                    "LoadBalancerPort": "443",
                    "Protocol": "https",
                    "SSLCertificateId": arn_in(template),
                }
            ]
        },
    )


def test_elastic_beanstalk(synthesize: Synthesize) -> None:
    """The listener option refers to the ARN, and the user selects the platform."""
    platform = "64bit Amazon Linux 2023 v4.0.0 running Python 3.11"
    template = template_of(synthesize("elastic_beanstalk", platform=platform), "ElasticBeanstalk")
    listener = {"Namespace": "aws:elbv2:listener:443"}
    template.has_resource_properties(
        "AWS::ElasticBeanstalk::Environment",
        {
            "SolutionStackName": platform,
            "OptionSettings": Match.array_with(
                [
                    {**listener, "OptionName": "ListenerEnabled", "Value": "true"},
                    {**listener, "OptionName": "Protocol", "Value": "HTTPS"},
                    {
                        **listener,
                        "OptionName": "SSLCertificateArns",
                        "Value": arn_in(template),
                    },
                ]
            ),
        },
    )


@pytest.mark.parametrize("file", [file for file in STACKS if file.startswith("cloudfront")])
def test_cloudfront(synthesize: Synthesize, file: str) -> None:
    """All distributions refer to the id, with SNI and the security policy."""
    template = template_of(synthesize(file, domain="shop.example.com"), STACKS[file])
    logical_id, _ = certificate_in(template)
    template.has_resource_properties(
        "AWS::CloudFront::Distribution",
        {
            "DistributionConfig": {
                "Aliases": ["shop.example.com"],
                "ViewerCertificate": {
                    "IamCertificateId": {"Ref": logical_id},
                    "MinimumProtocolVersion": "TLSv1.2_2021",
                    "SslSupportMethod": "sni-only",
                },
            }
        },
    )


@pytest.mark.parametrize("region", ["cn-northwest-1", "cn-north-1"])
def test_china(synthesize: Synthesize, region: str) -> None:
    """The template for China contains no other partition, and no unsupported property."""
    app = synthesize("cloudfront_china", region=region)
    template = template_of(app, "CloudFrontChina")
    _, properties = certificate_in(template)
    assert properties[Property.NAME_PREFIX.value].endswith(f"-{region}")
    (distribution,) = template.find_resources("AWS::CloudFront::Distribution").values()
    behavior = distribution["Properties"]["DistributionConfig"]["DefaultCacheBehavior"]
    assert "CachePolicyId" not in behavior
    assert behavior["ForwardedValues"] == {"QueryString": True}
    assert "arn:aws:" not in json.dumps(template.to_json())


def test_both_states_declare_the_same_certificate(synthesize: Synthesize, leaf: Issued) -> None:
    """The listener refers to the retained resource, and then to the construct that adopts it."""
    place = {"name": "shop", "path": "/shop/"}
    native = template_of(synthesize(MIGRATION, native="yes", **place), "FromCfn")
    native.has_resource(
        "AWS::IAM::ServerCertificate",
        {
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "ServerCertificateName": "shop",
                "Path": "/shop/",
                "CertificateBody": leaf.pem,
                "CertificateChain": leaf.chain_pem(),
            },
        },
    )
    ((logical_id, resource),) = native.find_resources("AWS::IAM::ServerCertificate").items()
    key = json.dumps(resource["Properties"]["PrivateKey"])
    assert key.startswith('{"Fn::Join": ["", ["{{resolve:secretsmanager:')
    adopted = template_of(synthesize(MIGRATION, **place), "FromCfn")
    _, properties = certificate_in(adopted)
    assert properties[Property.SERVER_CERTIFICATE_NAME.value] == "shop"
    assert properties[Property.PATH.value] == "/shop/"
    assert properties[Property.ADOPT.value] == "true"
    for template, arn in (
        (native, {"Fn::GetAtt": [logical_id, "Arn"]}),
        (adopted, arn_in(adopted)),
    ):
        template.has_resource_properties(
            "AWS::ElasticLoadBalancingV2::Listener", {"Certificates": [{"CertificateArn": arn}]}
        )


def test_only_what_never_changes_crosses_stacks(synthesize: Synthesize) -> None:
    """The listener's stack imports the load balancer's ARN; nothing imports the certificate's."""
    app = synthesize("consumer_in_another_stack")
    network, web = (template_of(app, name).to_json() for name in ("ConsumerNetwork", "ConsumerWeb"))
    exported = [output["Value"] for output in network["Outputs"].values() if "Export" in output]
    (balancer,) = Template.from_json(network).find_resources(
        "AWS::ElasticLoadBalancingV2::LoadBalancer"
    )
    assert exported == [{"Ref": balancer}]
    assert "Outputs" not in web


def test_encrypted_key(synthesize: Synthesize) -> None:
    """The key and its passphrase come from two secrets."""
    _, properties = certificate_in(template_of(synthesize("encrypted_key"), "EncryptedKey"))
    key, passphrase = (
        json.dumps(properties[each.value]) for each in (Property.PRIVATE_KEY, Property.PASSPHRASE)
    )
    assert ":secret:www/encrypted-key" in key
    assert ":secret:www/passphrase" in passphrase


@pytest.mark.parametrize(("context", "prefix"), [({}, "www"), ({"prefix": "shop"}, "shop")])
def test_prefix_and_region_begin_the_name(
    synthesize: Synthesize, context: dict[str, str], prefix: str
) -> None:
    """The name is generated from the prefix and the Region."""
    _, properties = certificate_in(template_of(synthesize(PREFIX, **context), "NamePrefix"))
    assert properties[Property.NAME_PREFIX.value] == f"{prefix}-eu-central-1"
    assert Property.SERVER_CERTIFICATE_NAME.value not in properties


def test_retained_certificate_is_adopted_under_its_name(synthesize: Synthesize) -> None:
    """One stack keeps the certificate when it is deleted, and the other adopts the same name."""
    former = template_of(synthesize(ADOPTION), "Former")
    former.has_resource(RESOURCE_TYPE, {"DeletionPolicy": "Retain"})
    successor = template_of(synthesize(ADOPTION, successor="yes"), "Successor")
    (_, before), (_, after) = certificate_in(former), certificate_in(successor)
    name = Property.SERVER_CERTIFICATE_NAME.value
    assert before[name] == after[name] == "www"
    assert Property.ADOPT.value not in before
    assert after[Property.ADOPT.value] == "true"


@pytest.mark.parametrize("context", [{}, {"name": "shop"}], ids=["generated", "explicit"])
def test_two_regions_of_an_account_have_two_names(
    synthesize: Synthesize, context: dict[str, str]
) -> None:
    """The stacks of an account have different names for their certificates."""
    app = synthesize(SEVERAL, **context)
    for stage, account in (("Test", "111122223333"), ("Production", "444455556666")):
        found = app.node.find_child(stage)
        assert isinstance(found, Stage)
        names = set()
        for stack in found.node.children:
            assert isinstance(stack, Stack)
            assert stack.account == account
            _, properties = certificate_in(Template.from_stack(stack))
            key = Property.SERVER_CERTIFICATE_NAME if context else Property.NAME_PREFIX
            names.add(properties[key.value])
            assert properties[key.value].endswith(f"-{stack.region}")
        assert len(names) == 2


def test_pipeline_deploys_the_stages(synthesize: Synthesize) -> None:
    """With a connection, a pipeline deploys both accounts in order."""
    connection = "arn:aws:codeconnections:eu-central-1:111122223333:connection/1"
    template = template_of(synthesize(SEVERAL, connection=connection), "Pipeline")
    (pipeline,) = template.find_resources("AWS::CodePipeline::Pipeline").values()
    stages = [stage["Name"] for stage in pipeline["Properties"]["Stages"]]
    assert stages[-2:] == ["Test", "Production"]


def test_automatic_renewal_is_watched(synthesize: Synthesize) -> None:
    """The listener follows the certificate, and the topic gets both alarms and the events."""
    template = template_of(synthesize(RENEWAL, email="tls@example.com"), "AutomaticRenewal")
    _, properties = certificate_in(template)
    assert properties[Property.NAME_PREFIX.value] == "www-eu-central-1"
    template.has_resource_properties(
        "AWS::ElasticLoadBalancingV2::Listener",
        {"Certificates": [{"CertificateArn": arn_in(template)}]},
    )
    ((topic, _),) = template.find_resources("AWS::SNS::Topic").items()
    alarms = template.find_resources("AWS::CloudWatch::Alarm").values()
    assert sorted(alarm["Properties"]["MetricName"] for alarm in alarms) == [
        "DaysToExpiry",
        "RenewalLagHours",
    ]
    for alarm in alarms:
        assert alarm["Properties"]["AlarmActions"] == [{"Ref": topic}]
        assert alarm["Properties"]["TreatMissingData"] == "breaching"
    template.has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventPattern": {
                "source": [EVENT_SOURCE],
                "detail": {"StackName": ["AutomaticRenewal"]},
            },
            "Targets": [Match.object_like({"Arn": {"Ref": topic}})],
        },
    )
    (policy,) = template.find_resources("AWS::SNS::TopicPolicy").values()
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    allowed = [each for each in statements if each["Effect"] == "Allow"]
    assert {each["Principal"]["Service"] for each in allowed} == {
        "cloudwatch.amazonaws.com",
        "events.amazonaws.com",
    }
    template.has_resource_properties("AWS::SNS::Subscription", {"Endpoint": "tls@example.com"})

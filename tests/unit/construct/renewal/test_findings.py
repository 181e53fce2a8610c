"""What can't renew automatically stops the synthesis, and says how to fix it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import (
    App,
    CfnResource,
    CliCredentialsStackSynthesizer,
    Duration,
    Environment,
    LegacyStackSynthesizer,
    Stack,
)
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from aws_cdk.assertions import Annotations, Match, Template
from constructs import Construct

from cdk_iam_server_certificate import (
    BundleSource,
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)
from support.renewing_stacks import ARN, bundle, listener, renewing
from support.stacks import report_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Issued

    Declare = Callable[[Construct, Issued], CertificateMaterial]

OTHER = ARN.replace("www", "other")
THIRD = ARN.replace("www", "third")


def secret(
    stack: Construct, construct_id: str = "Secret", arn: str = ARN
) -> secretsmanager.ISecret:
    """Import a secret."""
    return secretsmanager.Secret.from_secret_complete_arn(stack, construct_id, arn)


def from_file(stack: Construct, leaf: Issued) -> CertificateMaterial:
    """Return a certificate in the app, and its key in a secret."""
    return CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(leaf.pem),
        chain=CertificateSource.from_text(leaf.chain_pem()),
        private_key=PrivateKeySource.from_secret(secret(stack)),
    )


def with_other_key(stack: Construct, _: Issued) -> CertificateMaterial:
    """Return a certificate and a key in two secrets."""
    return CertificateMaterial.from_parts(
        certificate=CertificateSource.from_secret(secret(stack)),
        private_key=PrivateKeySource.from_secret(secret(stack, "Other", OTHER)),
    )


def from_parameter(stack: Construct, _: Issued) -> CertificateMaterial:
    """Return a certificate in a parameter."""
    parameter = ssm.StringParameter.from_string_parameter_name(stack, "Parameter", "/www")
    return CertificateMaterial.from_parts(
        certificate=CertificateSource.from_parameter(parameter),
        private_key=PrivateKeySource.from_secret(secret(stack)),
    )


def from_bucket(stack: Construct, _: Issued) -> CertificateMaterial:
    """Return a bundle in S3."""
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "certificates")
    return CertificateMaterial.from_bundle(BundleSource.from_bucket(bucket, "www.pfx"))


def of_version(**version: str) -> Declare:
    """Return a function that declares a bundle with a version."""
    return lambda stack, _: CertificateMaterial.from_bundle(
        BundleSource.from_secret(secret(stack), **version)
    )


MATERIALS: dict[str, tuple[Declare, str]] = {
    "File": (from_file, "certificate: it is a text or a file"),
    "Key": (with_other_key, "private-key: it is in another secret than the certificate"),
    "Parameter": (from_parameter, "certificate: it is in a parameter of Systems Manager"),
    "Object": (from_bucket, "bundle: it is in an S3 object"),
    "Version": (of_version(version_id="v" * 32), f"bundle: its version_id is '{'v' * 32}'"),
    "Stage": (of_version(version_stage="OLD"), "bundle: its version_stage is 'OLD'"),
}
ARGUMENTS: dict[str, tuple[str, object, str]] = {
    "Text": ("renew_automatically", "true", "'true' is of type str, not bool."),
    "Number": ("renew_automatically", 1, "1 is of type int, not bool."),
    "None": ("renew_automatically", None, "None is of type NoneType, not bool."),
    "Days": ("expiration_notice", 14, "14 is of type int, not Duration."),
    "Zero": ("expiration_notice", Duration.days(0), "0 days is not allowed."),
    "Fraction": ("expiration_notice", Duration.hours(36), "1.5 days is not allowed."),
    "Year": ("expiration_notice", Duration.days(366), "from 1 to 365."),
}


def test_whatever_stops_the_synthesis(app: App, stack: Stack, leaf: Issued) -> None:
    """Each problem is reported under the path of the certificate, with a fix."""
    for name, (declare, _) in MATERIALS.items():
        ServerCertificate(
            stack,
            name,
            material=declare(Construct(stack, f"{name}Imports"), leaf),
            renew_automatically=True,
        )
    for name, (argument, value, _) in ARGUMENTS.items():
        renewing(stack, name, **{argument: value})
    stack.add_transform("AWS::LanguageExtensions")
    for number in range(11):
        renewing(stack, f"C{number}", OTHER)
    listener(stack, "Listener", renewing(stack, "Named", THIRD, server_certificate_name="www"))
    exported = renewing(stack, "Exported", THIRD)
    CfnResource(
        Stack(app, "Other", env=Environment(account="111122223333", region="eu-central-1")),
        "User",
        type="Example::Test::User",
        properties={"Id": exported.server_certificate_id},
    )
    report = report_of(app)
    for name, (_, problem) in MATERIALS.items():
        (line,) = [each for each in report.splitlines() if f"[Web/{name}] {problem}" in each]
        assert "emove renew_automatically" in line
    for name, (argument, _, problem) in ARGUMENTS.items():
        (line,) = [each for each in report.splitlines() if f"[Web/{name}] {argument}: " in each]
        assert problem in line
    assert "] renew_automatically: the template of 'Web' has the transform" in report
    assert "[Web/C0] renew_automatically: 11 certificates of the stack renew" in report
    assert "[Web/Named] name: 'Web/Listener' uses the ARN" in report
    assert "[Web/Exported] certificate: 'Other/User' in another stack" in report


@pytest.mark.parametrize("synthesizer", [LegacyStackSynthesizer, CliCredentialsStackSynthesizer])
def test_synthesizer_without_role(app: App, synthesizer: Any) -> None:  # noqa: ANN401 - a class
    """A synthesizer without an execution role is a warning that names the option of the CDK CLI."""
    stack = Stack(app, "Legacy", synthesizer=synthesizer())
    renewing(stack, "Certificate")
    app.synth()
    Annotations.from_stack(stack).has_warning(
        "/Legacy/Certificate", Match.string_like_regexp("no execution role.*--role-arn")
    )


def test_consumer_that_the_role_may_not_update(app: App, stack: Stack) -> None:
    """It is a warning, and nobody gets one about listeners."""
    certificate = renewing(stack, "Certificate")
    listener(stack, "Listener", certificate)
    ssm.StringParameter(stack, "Arn", string_value=certificate.server_certificate_arn)
    app.synth()
    annotations = Annotations.from_stack(stack)
    annotations.has_warning(
        "/Web/Certificate", Match.string_like_regexp("'Web/Arn' .AWS::SSM::Parameter. uses it")
    )
    assert len(annotations.find_warning("*", Match.any_value())) == 1


def test_metrics_watch_without_renewal(stack: Stack, leaf: Issued) -> None:
    """A metric adds the function and a schedule, but neither a parameter nor a role for CloudFormation."""
    certificate = ServerCertificate(stack, "File", material=from_file(stack, leaf))
    metric = certificate.metric_days_to_expiry()
    assert metric.statistic == "Minimum"
    assert metric.dimensions == {"StackName": "Web", "ConstructPath": "Web/File"}
    with pytest.raises(ValueError, match="'Web/File' has no metric_renewal_lag"):
        certificate.metric_renewal_lag()
    with pytest.raises(ValueError, match="'Web/File' has no renewal_role"):
        assert certificate.renewal_role
    watched = ServerCertificate(stack, "Watched", material=bundle(secret(stack, "Own", OTHER)))
    assert watched.metric_renewal_lag(statistic="Average").statistic == "Average"
    template = Template.from_stack(stack)
    rules = template.find_resources("AWS::Events::Rule").values()
    assert len(rules) == 2
    assert not any("EventPattern" in each["Properties"] for each in rules)
    assert [*template.to_json()["Parameters"]] == ["BootstrapVersion"]
    template.resource_count_is("AWS::IAM::Role", 2)


def test_events_of_secrets(stack: Stack) -> None:
    """A name stands for an unknown ARN; another account or Region has no events here."""
    secrets = {
        "Name": secretsmanager.Secret.from_secret_name_v2(stack, "ByName", "www/a"),
        "Partial": secretsmanager.Secret.from_secret_partial_arn(
            stack, "ByPartialArn", ARN.removesuffix("-AbCdEf")
        ),
        "Region": secret(stack, "Region", ARN.replace("eu-central-1", "eu-west-1")),
        "Account": secret(stack, "Account", ARN.replace("111122223333", "444455556666")),
    }
    for name, each in secrets.items():
        ServerCertificate(stack, f"C{name}", material=bundle(each), renew_automatically=True)
    rules = Template.from_stack(stack).find_resources("AWS::Events::Rule").values()
    patterns = [each["Properties"].get("EventPattern") for each in rules]
    assert patterns.count(None) == 2
    names = [each["detail"]["name"] for each in patterns if each]
    assert names == [["www/a"], ["www"]]


def test_order_does_not_matter() -> None:
    """The parameter of a secret has the same logical ID whatever is declared before it."""
    found = []
    for order in ((ARN, OTHER), (OTHER, ARN)):
        stack = Stack(App(context={"aws:cdk:bundling-stacks": []}), "Web")
        for number, arn in enumerate(order):
            renewing(stack, f"C{number}", arn)
        found.append(Template.from_stack(stack).to_json()["Parameters"])
    assert found[0].keys() == found[1].keys()

"""Server certificates on CloudFront distributions of every kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Environment, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template

from cdk_iam_server_certificate import DistributionCertificate, ServerCertificate
from dev.certificates.authority import Authority
from dev.certificates.keys import KeyType, rsa_public_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

    from cdk_iam_server_certificate import IServerCertificate

    Certify = Callable[..., ServerCertificate]

PATH = "/cloudfront/www/"
DOMAIN = "www.example.com"
ID = "ASCAEXAMPLEEXAMPLE123"


@dataclass(frozen=True)
class Elsewhere:
    """A certificate that this app did not make."""

    server_certificate_path: str = PATH
    server_certificate_arn: str = (
        "arn:aws:iam::111122223333:server-certificate/cloudfront/www/legacy"
    )
    server_certificate_id: str = ID
    server_certificate_name: str = "legacy"


def distribution_in(scope: Construct, **arguments: Any) -> cloudfront.Distribution:  # noqa: ANN401 - whatever it takes
    """Declare a distribution with a domain name."""
    return cloudfront.Distribution(
        scope,
        "Distribution",
        default_behavior=cloudfront.BehaviorOptions(origin=origins.HttpOrigin("origin.example")),
        domain_names=[DOMAIN],
        **arguments,
    )


def resource_in(scope: Construct, **config: Any) -> cloudfront.CfnDistribution:  # noqa: ANN401 - whatever it takes
    """Declare a distribution as CloudFormation has it."""
    return cloudfront.CfnDistribution(
        scope,
        "Plain",
        distribution_config=cloudfront.CfnDistribution.DistributionConfigProperty(
            enabled=True,
            default_cache_behavior=cloudfront.CfnDistribution.DefaultCacheBehaviorProperty(
                target_origin_id="origin", viewer_protocol_policy="https-only"
            ),
            **config,
        ),
    )


def web_distribution_in(
    scope: Construct, viewer_certificate: cloudfront.ViewerCertificate | None = None
) -> cloudfront.CloudFrontWebDistribution:
    """Declare a distribution of the CDK's first kind."""
    return cloudfront.CloudFrontWebDistribution(
        scope,
        "Web",
        origin_configs=[
            cloudfront.SourceConfiguration(
                custom_origin_source=cloudfront.CustomOriginConfig(domain_name="origin.example"),
                behaviors=[cloudfront.Behavior(is_default_behavior=True)],
            )
        ],
        viewer_certificate=viewer_certificate,
    )


def config_of(stack: Stack) -> dict[str, Any]:
    """Return the DistributionConfig of the stack's one distribution."""
    found = Template.from_stack(stack).find_resources("AWS::CloudFront::Distribution")
    (resource,) = found.values()
    config: dict[str, Any] = resource["Properties"]["DistributionConfig"]
    return config


def served(stack: Stack) -> dict[str, Any]:
    """Return what the distribution should serve when it serves the stack's one certificate."""
    (logical_id,) = Template.from_stack(stack).find_resources("Custom::IamServerCertificate")
    return {
        "IamCertificateId": {"Ref": logical_id},
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }


def test_mixin_on_distribution(stack: Stack, certify: Certify) -> None:
    """``with_`` sets exactly the three properties, and leaves the domain names to the distribution."""
    certificate = certify(stack, path=PATH)
    distribution_in(stack).with_(DistributionCertificate(certificate))
    config = config_of(stack)
    assert config["ViewerCertificate"] == served(stack)
    assert config["Aliases"] == [DOMAIN]


@pytest.mark.parametrize("declare", [distribution_in, resource_in, web_distribution_in])
def test_apply_to_every_kind(
    stack: Stack, certify: Certify, declare: Callable[[Construct], Construct]
) -> None:
    """A plain call does the same, for versions of the CDK without mixins, on all distributions."""
    certificate = certify(stack, path=PATH)
    DistributionCertificate(certificate).apply_to(declare(stack))
    assert config_of(stack)["ViewerCertificate"] == served(stack)


def test_mixin_on_a_whole_stack(stack: Stack, certify: Certify) -> None:
    """On a stack it reaches the distributions, and nothing else."""
    certificate = certify(stack, path=PATH)
    s3.Bucket(stack, "Bucket")
    resource_in(stack)
    stack.with_(DistributionCertificate(certificate))
    assert config_of(stack)["ViewerCertificate"] == served(stack)


def test_static_addresses_have_the_default_protocol(stack: Stack, certify: Certify) -> None:
    """Only dedicated addresses need a choice."""
    certificate = certify(stack, path=PATH)
    distribution_in(stack).with_(
        DistributionCertificate(certificate, ssl_support_method=cloudfront.SSLMethod.STATIC_IP)
    )
    assert config_of(stack)["ViewerCertificate"] == {
        **served(stack),
        "SslSupportMethod": "static-ip",
    }


def test_protocol_and_method_can_be_chosen(stack: Stack, certify: Certify) -> None:
    """Both are written in CloudFormation's spelling."""
    certificate = certify(stack, path=PATH)
    distribution_in(stack).with_(
        DistributionCertificate(
            certificate,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1,
            ssl_support_method=cloudfront.SSLMethod.VIP,
        )
    )
    written = config_of(stack)["ViewerCertificate"]
    assert (written["MinimumProtocolVersion"], written["SslSupportMethod"]) == ("TLSv1", "vip")


def test_viewer_certificate(stack: Stack, certify: Certify) -> None:
    """``CloudFrontWebDistribution`` takes the certificate together with its domain names."""
    certificate = DistributionCertificate(certify(stack, path=PATH))
    web_distribution_in(stack, certificate.viewer_certificate(aliases=[DOMAIN]))
    config = config_of(stack)
    assert config["ViewerCertificate"] == served(stack)
    assert config["Aliases"] == [DOMAIN]


def imported_in(scope: Construct, **attributes: str) -> IServerCertificate:
    """Import a certificate."""
    return ServerCertificate.from_server_certificate_attributes(
        scope, "Imported", server_certificate_name="legacy", **attributes
    )


def test_imported_certificate(stack: Stack) -> None:
    """A certificate that is in IAM already is referred to by its id."""
    imported = imported_in(stack, server_certificate_id=ID, server_certificate_path=PATH)
    distribution_in(stack).with_(DistributionCertificate(imported))
    assert config_of(stack)["ViewerCertificate"]["IamCertificateId"] == ID


def test_wrong_path_of_an_imported_certificate(app: App, stack: Stack) -> None:
    """Its path is judged as if it were declared here."""
    imported = imported_in(stack, server_certificate_id=ID)
    distribution_in(stack).with_(DistributionCertificate(imported))
    with pytest.raises(
        RuntimeError,
        match=r"\[Web/Distribution\] path \(certificate 'Web/Imported'\): '/' does not begin with",
    ):
        app.synth()


def test_imported_certificate_without_id(stack: Stack) -> None:
    """The ARN alone does not do, and the error says how to give the id."""
    imported = ServerCertificate.from_server_certificate_arn(
        stack, "Imported", Elsewhere().server_certificate_arn
    )
    with pytest.raises(ValueError, match=r"server_certificate_id is not known.*import it with"):
        DistributionCertificate(imported).apply_to(distribution_in(stack))


def test_certificate_of_another_kind(stack: Stack) -> None:
    """Whatever has the attributes of a certificate will do."""
    distribution_in(stack).with_(DistributionCertificate(Elsewhere()))
    assert config_of(stack)["ViewerCertificate"]["IamCertificateId"] == ID


def test_wrong_paths_are_reported_together(app: App, stack: Stack, certify: Certify) -> None:
    """Each consumer is named with the certificate, the path, and the path to write."""
    distribution_in(stack).with_(DistributionCertificate(certify(stack, path="/www/")))
    DistributionCertificate(certify(stack, "Other")).apply_to(resource_in(stack))
    foreign = Elsewhere(server_certificate_path="/cloudfront")
    DistributionCertificate(foreign).apply_to(web_distribution_in(stack))
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    report = str(caught.value)
    for line in (
        "[Web/Distribution] path (certificate 'Web/Certificate'): '/www/' does not begin with '/cl",
        "CloudFront finds no certificate there. Write '/cloudfront/www/'.",
        "[Web/Plain] path (certificate 'Web/Other'): '/' does not begin with '/cloudfront/'",
        "[Web/Web] path: '/cloudfront' is not a valid path",
    ):
        assert line in report


def test_wrong_path_of_a_viewer_certificate(app: App, stack: Stack, certify: Certify) -> None:
    """It is reported for the certificate, where it is fixed."""
    DistributionCertificate(certify(stack)).viewer_certificate()
    with pytest.raises(RuntimeError, match=r"\[Web/Certificate\] path .*Write '/cloudfront/'"):
        app.synth()


def test_wrong_path_of_a_viewer_certificate_from_elsewhere() -> None:
    """Where there is no construct to report it for, it is raised."""
    foreign = DistributionCertificate(Elsewhere(server_certificate_path="/"))
    with pytest.raises(ValueError, match="Write '/cloudfront/'"):
        foreign.viewer_certificate()


def test_unknown_paths_are_let_through(app: App, stack: Stack, certify: Certify) -> None:
    """A path that is known at deploy time only is CloudFront's to judge."""
    path = CfnParameter(stack, "Path").value_as_string
    distribution_in(stack).with_(DistributionCertificate(certify(stack, path=path)))
    unknown = Elsewhere(server_certificate_path=path)
    DistributionCertificate(unknown).apply_to(resource_in(stack))
    app.synth()


def test_certificate_of_acm_is_refused(stack: Stack, certify: Certify) -> None:
    """A distribution with a certificate of ACM is named together with that certificate."""
    arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"
    in_acm = acm.Certificate.from_certificate_arn(stack, "Acm", arn)
    distribution = distribution_in(stack, certificate=in_acm)
    mixin = DistributionCertificate(certify(stack, path=PATH))
    with pytest.raises(ValueError, match=f"'Web/Distribution' has a certificate of ACM.*{arn}"):
        mixin.apply_to(distribution)
    with pytest.raises(RuntimeError, match="'Web/Distribution/Resource' has a certificate of ACM"):
        distribution.with_(mixin)
    plain = resource_in(
        stack,
        viewer_certificate=cloudfront.CfnDistribution.ViewerCertificateProperty(
            acm_certificate_arn=arn
        ),
    )
    with pytest.raises(ValueError, match="'Web/Plain' has a certificate of ACM"):
        mixin.apply_to(plain)


def test_other_constructs_are_refused(stack: Stack, certify: Certify) -> None:
    """What is no distribution of the app is named with what it is."""
    mixin = DistributionCertificate(certify(stack, path=PATH))
    with pytest.raises(
        TypeError, match=r"'Web/Bucket' is no CloudFront distribution.*, but Bucket"
    ):
        mixin.apply_to(s3.Bucket(stack, "Bucket"))
    imported = cloudfront.Distribution.from_distribution_attributes(
        stack, "Imported", distribution_id="E1", domain_name="d1.cloudfront.net"
    )
    with pytest.raises(TypeError, match="'Web/Imported' is no CloudFront distribution of this app"):
        mixin.apply_to(imported)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"minimum_protocol_version": cloudfront.SecurityPolicyProtocol.SSL_V3},
            "minimum_protocol_version is SSL_V3.*give TLS_V1 or later",
        ),
        (
            {
                "minimum_protocol_version": cloudfront.SecurityPolicyProtocol.SSL_V3,
                "ssl_support_method": cloudfront.SSLMethod.STATIC_IP,
            },
            "SSL_V3, and SSLMethod.STATIC_IP wants TLS",
        ),
        (
            {"ssl_support_method": cloudfront.SSLMethod.VIP},
            "minimum_protocol_version is not given; give TLS_V1 or SSL_V3",
        ),
    ],
)
def test_protocol_and_method_must_go_together(arguments: dict[str, Any], message: str) -> None:
    """What CloudFront refuses in any account is refused where it is declared."""
    with pytest.raises(ValueError, match=message):
        DistributionCertificate(Elsewhere(), **arguments)


@pytest.mark.parametrize(("region", "is_refused"), [("cn-north-1", True), ("eu-west-1", False)])
def test_china_has_sni_only(app: App, certify: Certify, region: str, *, is_refused: bool) -> None:
    """Dedicated addresses are refused in the China Regions alone."""
    stack = Stack(app, "Cdn", env=Environment(account="111122223333", region=region))
    certificate: IServerCertificate = certify(stack, path=PATH)
    distribution_in(stack).with_(
        DistributionCertificate(
            certificate,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1,
            ssl_support_method=cloudfront.SSLMethod.VIP,
        )
    )
    if not is_refused:
        app.synth()
        return
    with pytest.raises(RuntimeError, match=r"\[Cdn/Distribution\] .*China has SNI only"):
        app.synth()


def test_key_that_cloudfront_does_not_take(
    app: App, stack: Stack, certify: Certify, authority: Authority
) -> None:
    """A literal certificate is judged for CloudFront, and the consumer is named."""
    issued = authority.leaf(DOMAIN, key_type=KeyType.P384)
    distribution_in(stack).with_(DistributionCertificate(certify(stack, issued=issued, path=PATH)))
    with pytest.raises(
        RuntimeError,
        match=r"\[Web/Distribution\] certificate \(certificate 'Web/Certificate'\): .*P-384; CloudFront takes",
    ):
        app.synth()


def test_key_that_china_may_not_take(app: App, certify: Certify, authority: Authority) -> None:
    """Where the documentation contradicts itself, it is a warning on the distribution."""
    stack = Stack(app, "Cdn", env=Environment(account="111122223333", region="cn-north-1"))
    issued = authority.leaf(DOMAIN, public_key=rsa_public_key(3072))
    distribution_in(stack).with_(DistributionCertificate(certify(stack, issued=issued, path=PATH)))
    Annotations.from_stack(stack).has_warning(
        "/Cdn/Distribution", Match.string_like_regexp("RSA 3072; one edition of the documentation")
    )


def test_acknowledged_key_is_let_through(
    app: App, stack: Stack, certify: Certify, authority: Authority
) -> None:
    """Who acknowledges the finding for the certificate has acknowledged it for its consumers."""
    issued = authority.leaf(DOMAIN, key_type=KeyType.P384)
    certificate = certify(stack, issued=issued, path=PATH, acknowledge=["consumer-key"])
    distribution_in(stack).with_(DistributionCertificate(certificate))
    app.synth()


def test_root_in_the_chain_is_a_warning(stack: Stack, certify: Certify) -> None:
    """CloudFront wants the intermediates only, and is said so at the distribution."""
    root = Authority.root(at=datetime.now(UTC))
    certificate = certify(stack, issued=root.leaf(DOMAIN), path=PATH)
    distribution_in(stack).with_(DistributionCertificate(certificate))
    Annotations.from_stack(stack).has_warning(
        "/Web/Distribution",
        Match.string_like_regexp(
            r"chain \(certificate 'Web/Certificate'\).*ack: cdk-iam-server-certificate:cloudfront-root"
        ),
    )

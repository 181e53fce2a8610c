"""Server certificates on all kinds of CloudFront distributions."""

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
from constructs import Construct

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    DistributionCertificate,
    PrivateKeySource,
    ServerCertificate,
)
from dev.certificates.authority import Authority
from dev.certificates.keys import KeyType, rsa_public_key
from support.sources import secret
from support.stacks import report_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cdk_iam_server_certificate import IServerCertificate

    Certify = Callable[..., ServerCertificate]

PATH = "/cloudfront/www/"
DOMAIN = "www.example.com"
ID = "ASCAEXAMPLEEXAMPLE123"


@dataclass(frozen=True)
class Elsewhere:
    """A certificate of another library."""

    server_certificate_path: str = PATH
    server_certificate_arn: str = (
        "arn:aws:iam::111122223333:server-certificate/cloudfront/www/legacy"
    )
    server_certificate_id: str = ID
    server_certificate_name: str = "legacy"


def distribution_in(
    scope: Construct,
    names: Sequence[str] = (DOMAIN,),
    **arguments: Any,  # noqa: ANN401 - any arguments of the construct
) -> cloudfront.Distribution:
    """Declare a distribution with a domain name."""
    return cloudfront.Distribution(
        scope,
        "Distribution",
        default_behavior=cloudfront.BehaviorOptions(origin=origins.HttpOrigin("origin.example")),
        domain_names=list(names),
        **arguments,
    )


def resource_in(scope: Construct, **config: Any) -> cloudfront.CfnDistribution:  # noqa: ANN401 - any arguments of the construct
    """Declare an L1 distribution."""
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
    """Declare a distribution with the CDK's older construct."""
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
    """Return the expected ViewerCertificate for the stack's only certificate."""
    (logical_id,) = Template.from_stack(stack).find_resources("Custom::IamServerCertificate")
    return {
        "IamCertificateId": {"Ref": logical_id},
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }


def test_mixin_on_distribution(stack: Stack, certify: Certify) -> None:
    """``with_`` sets exactly three properties, and doesn't change the domain names."""
    certificate = certify(stack, path=PATH)
    distribution_in(stack).with_(DistributionCertificate(certificate))
    config = config_of(stack)
    assert config["ViewerCertificate"] == served(stack)
    assert config["Aliases"] == [DOMAIN]


@pytest.mark.parametrize("declare", [distribution_in, resource_in, web_distribution_in])
def test_apply_to_every_kind(
    stack: Stack, certify: Certify, declare: Callable[[Construct], Construct]
) -> None:
    """``apply_to`` does the same on all kinds of distributions, for CDK versions without mixins."""
    certificate = certify(stack, path=PATH)
    DistributionCertificate(certificate).apply_to(declare(stack))
    assert config_of(stack)["ViewerCertificate"] == served(stack)


def test_mixin_on_a_whole_stack(stack: Stack, certify: Certify) -> None:
    """``with_`` on a stack applies to its distributions only."""
    certificate = certify(stack, path=PATH)
    s3.Bucket(stack, "Bucket")
    resource_in(stack)
    stack.with_(DistributionCertificate(certificate))
    assert config_of(stack)["ViewerCertificate"] == served(stack)


def test_static_addresses_have_the_default_protocol(stack: Stack, certify: Certify) -> None:
    """Dedicated IP addresses work with an explicit protocol version."""
    certificate = certify(stack, path=PATH)
    distribution_in(stack).with_(
        DistributionCertificate(certificate, ssl_support_method=cloudfront.SSLMethod.STATIC_IP)
    )
    assert config_of(stack)["ViewerCertificate"] == {
        **served(stack),
        "SslSupportMethod": "static-ip",
    }


def test_protocol_and_method_can_be_chosen(stack: Stack, certify: Certify) -> None:
    """Protocol and method have CloudFormation's values."""
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
    """``viewer_certificate`` passes the certificate and the domain names."""
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
    """An imported certificate is referred to by its id."""
    imported = imported_in(stack, server_certificate_id=ID, server_certificate_path=PATH)
    distribution_in(stack).with_(DistributionCertificate(imported))
    assert config_of(stack)["ViewerCertificate"]["IamCertificateId"] == ID


def test_wrong_path_of_an_imported_certificate(app: App, stack: Stack) -> None:
    """The path of an imported certificate is checked like a declared one."""
    imported = imported_in(stack, server_certificate_id=ID)
    distribution_in(stack).with_(DistributionCertificate(imported))
    with pytest.raises(
        RuntimeError,
        match=r"\[Web/Distribution\] path \(certificate 'Web/Imported'\): '/' doesn't begin with",
    ):
        app.synth()


def test_imported_certificate_without_id(stack: Stack) -> None:
    """An import by ARN lacks the id, and the error says how to provide it."""
    imported = ServerCertificate.from_server_certificate_arn(
        stack, "Imported", Elsewhere().server_certificate_arn
    )
    with pytest.raises(ValueError, match=r"server_certificate_id .* is unknown. Import the"):
        DistributionCertificate(imported).apply_to(distribution_in(stack))


def test_certificate_of_another_kind(stack: Stack) -> None:
    """Any object with the attributes of a certificate works."""
    distribution_in(stack).with_(DistributionCertificate(Elsewhere()))
    assert config_of(stack)["ViewerCertificate"]["IamCertificateId"] == ID


def test_wrong_paths_are_reported_together(app: App, stack: Stack, certify: Certify) -> None:
    """The finding names the distribution, the certificate, its path, and a valid path."""
    distribution_in(stack).with_(DistributionCertificate(certify(stack, path="/www/")))
    DistributionCertificate(certify(stack, "Other")).apply_to(resource_in(stack))
    foreign = Elsewhere(server_certificate_path="/cloudfront")
    DistributionCertificate(foreign).apply_to(web_distribution_in(stack))
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    report = str(caught.value)
    for line in (
        "[Web/Distribution] path (certificate 'Web/Certificate'): '/www/' doesn't begin with '/cl",
        "so CloudFront can't find the certificate. Use '/cloudfront/www/'.",
        "[Web/Plain] path (certificate 'Web/Other'): '/' doesn't begin with '/cloudfront/'",
        "[Web/Web] path: '/cloudfront' is not a valid path",
    ):
        assert line in report


def test_wrong_path_of_a_viewer_certificate(app: App, stack: Stack, certify: Certify) -> None:
    """The path of a viewer certificate is reported for the certificate."""
    DistributionCertificate(certify(stack)).viewer_certificate()
    with pytest.raises(RuntimeError, match=r"\[Web/Certificate\] path .*Use '/cloudfront/'"):
        app.synth()


def test_wrong_path_of_a_viewer_certificate_from_elsewhere() -> None:
    """If the certificate is not a construct, the problem is raised."""
    foreign = DistributionCertificate(Elsewhere(server_certificate_path="/"))
    with pytest.raises(ValueError, match="Use '/cloudfront/'"):
        foreign.viewer_certificate()


def test_unknown_paths_are_let_through(app: App, stack: Stack, certify: Certify) -> None:
    """A path that is only known at deploy time is not checked."""
    path = CfnParameter(stack, "Path").value_as_string
    distribution_in(stack).with_(DistributionCertificate(certify(stack, path=path)))
    unknown = Elsewhere(server_certificate_path=path)
    DistributionCertificate(unknown).apply_to(resource_in(stack))
    app.synth()


def test_certificate_of_acm_is_refused(stack: Stack, certify: Certify) -> None:
    """The error names the distribution and its ACM certificate."""
    arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"
    in_acm = acm.Certificate.from_certificate_arn(stack, "Acm", arn)
    distribution = distribution_in(stack, certificate=in_acm)
    mixin = DistributionCertificate(certify(stack, path=PATH))
    with pytest.raises(
        ValueError, match=f"'Web/Distribution' already has the ACM certificate {arn}"
    ):
        mixin.apply_to(distribution)
    with pytest.raises(RuntimeError, match="'Web/Distribution/Resource' already has the ACM"):
        distribution.with_(mixin)
    plain = resource_in(
        stack,
        viewer_certificate=cloudfront.CfnDistribution.ViewerCertificateProperty(
            acm_certificate_arn=arn
        ),
    )
    with pytest.raises(ValueError, match="'Web/Plain' already has the ACM certificate"):
        mixin.apply_to(plain)


def test_other_constructs_are_refused(stack: Stack, certify: Certify) -> None:
    """The error names the construct and its type."""
    mixin = DistributionCertificate(certify(stack, path=PATH))
    with pytest.raises(
        TypeError, match=r"'Web/Bucket' is a Bucket, not a CloudFront distribution in this app"
    ):
        mixin.apply_to(s3.Bucket(stack, "Bucket"))
    imported = cloudfront.Distribution.from_distribution_attributes(
        stack, "Imported", distribution_id="E1", domain_name="d1.cloudfront.net"
    )
    with pytest.raises(TypeError, match=r"'Web/Imported' is a .*, not a CloudFront distribution"):
        mixin.apply_to(imported)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"minimum_protocol_version": cloudfront.SecurityPolicyProtocol.SSL_V3},
            "minimum_protocol_version is SSL_V3.*Use TLS_V1 or later",
        ),
        (
            {
                "minimum_protocol_version": cloudfront.SecurityPolicyProtocol.SSL_V3,
                "ssl_support_method": cloudfront.SSLMethod.STATIC_IP,
            },
            "SSL_V3, but SSLMethod.STATIC_IP requires TLS",
        ),
        (
            {"ssl_support_method": cloudfront.SSLMethod.VIP},
            "requires minimum_protocol_version. Set it to TLS_V1 or SSL_V3",
        ),
    ],
)
def test_protocol_and_method_must_go_together(arguments: dict[str, Any], message: str) -> None:
    """Combinations that CloudFront never accepts are an error in the constructor."""
    with pytest.raises(ValueError, match=message):
        DistributionCertificate(Elsewhere(), **arguments)


@pytest.mark.parametrize(("region", "is_refused"), [("cn-north-1", True), ("eu-west-1", False)])
def test_china_has_sni_only(app: App, certify: Certify, region: str, *, is_refused: bool) -> None:
    """Dedicated IP addresses are an error in the China Regions only."""
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
    with pytest.raises(RuntimeError, match=r"\[Cdn/Distribution\] .*China supports only SNI"):
        app.synth()


def test_key_that_cloudfront_does_not_take(
    app: App, stack: Stack, certify: Certify, authority: Authority
) -> None:
    """A literal certificate is checked against CloudFront's rules, under the distribution's path."""
    issued = authority.leaf(DOMAIN, key_type=KeyType.P384)
    distribution_in(stack).with_(DistributionCertificate(certify(stack, issued=issued, path=PATH)))
    with pytest.raises(
        RuntimeError,
        match=r"\[Web/Distribution\] certificate \(certificate 'Web/Certificate'\): .*P-384; CloudFront accepts",
    ):
        app.synth()


def test_key_that_china_may_not_take(app: App, certify: Certify, authority: Authority) -> None:
    """If the documentation contradicts itself, the finding is a warning on the distribution."""
    stack = Stack(app, "Cdn", env=Environment(account="111122223333", region="cn-north-1"))
    issued = authority.leaf(DOMAIN, public_key=rsa_public_key(3072))
    distribution_in(stack).with_(DistributionCertificate(certify(stack, issued=issued, path=PATH)))
    Annotations.from_stack(stack).has_warning(
        "/Cdn/Distribution", Match.string_like_regexp("RSA 3072; one edition of the documentation")
    )


def test_acknowledged_key_is_let_through(
    app: App, stack: Stack, certify: Certify, authority: Authority
) -> None:
    """A finding that is acknowledged for the certificate is not reported for the distribution."""
    issued = authority.leaf(DOMAIN, key_type=KeyType.P384)
    certificate = certify(stack, issued=issued, path=PATH, acknowledge=["consumer-key"])
    distribution_in(stack).with_(DistributionCertificate(certificate))
    app.synth()


def test_root_in_the_chain_is_a_warning(stack: Stack, certify: Certify) -> None:
    """CloudFront requires a chain without the root, which is a warning on the distribution."""
    root = Authority.root(at=datetime.now(UTC))
    certificate = certify(stack, issued=root.leaf(DOMAIN), path=PATH)
    distribution_in(stack).with_(DistributionCertificate(certificate))
    Annotations.from_stack(stack).has_warning(
        "/Web/Distribution",
        Match.string_like_regexp(
            r"chain \(certificate 'Web/Certificate'\).*ack: cdk-iam-server-certificate:cloudfront-root"
        ),
    )


def leaf_and_secrets(scope: Construct, text: str) -> CertificateMaterial:
    """Return material whose chain isn't known at synth."""
    return CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(text),
        chain=CertificateSource.from_secret(secret(scope, "chain")),
        private_key=PrivateKeySource.from_secret(secret(scope, "key")),
    )


def test_domain_names_that_are_not_covered(
    app: App, stack: Stack, certify: Certify, authority: Authority
) -> None:
    """CloudFront rejects a domain name that the certificate doesn't cover, on any kind of distribution."""
    issued = authority.leaf("*.example.com", "example.org")
    arguments: dict[str, Any] = {"issued": issued, "path": PATH}
    mixin = DistributionCertificate(certify(stack, **arguments))
    token = CfnParameter(stack, "Domain").value_as_string
    names = ["www.example.com", "*.example.com", "example.com", "a.b.example.com", token]
    resource = resource_in(stack, aliases=names)
    mixin.apply_to(resource)
    late = resource_in(Construct(stack, "Late"))
    mixin.apply_to(late)
    late.distribution_config = cloudfront.CfnDistribution.DistributionConfigProperty(
        enabled=True,
        default_cache_behavior=cloudfront.CfnDistribution.DefaultCacheBehaviorProperty(
            target_origin_id="origin", viewer_protocol_policy="https-only"
        ),
        aliases=["EXAMPLE.org", "www.example.org"],
    )
    unnamed = certify(stack, "Older", **arguments)
    DistributionCertificate(unnamed).viewer_certificate(aliases=["shop.example.net"])
    for construct_id, text in (
        ("Partly", issued.pem),
        # Only the chain, which is not known, tells which is the leaf.
        ("Unknown", issued.chain_pem() + issued.pem),
    ):
        material = leaf_and_secrets(Construct(stack, f"{construct_id}Of"), text)
        partly = certify(stack, construct_id, path=PATH, material=material)
        DistributionCertificate(partly).viewer_certificate(aliases=["shop.example.net"])
    accepted = certify(stack, "Accepted", **arguments, acknowledge=["domain-not-covered"])
    DistributionCertificate(accepted).apply_to(
        distribution_in(Construct(stack, "Other"), ["x.test"])
    )
    report = report_of(app)
    for path, certificate, name in (
        (
            "Web/Plain",
            "Web/Certificate",
            "'example.com'. It is for '*.example.com', 'example.org'. R",
        ),
        ("Web/Plain", "Web/Certificate", "'a.b.example.com'."),
        ("Web/Late/Plain", "Web/Certificate", "'www.example.org'."),
        ("Web/Older", "Web/Older", "'shop.example.net'."),
        ("Web/Partly", "Web/Partly", "'shop.example.net'."),
    ):
        problem = f"certificate (certificate '{certificate}'): it doesn't cover the distribution's"
        assert f"[{path}] {problem} domain name {name}" in report
    assert report.count("doesn't cover") == 5


def test_multi_tenant_distributions_are_refused(app: App, stack: Stack, certify: Certify) -> None:
    """Multi-tenant distributions and their tenants only accept certificates from ACM."""
    mixin = DistributionCertificate(certify(stack, path=PATH))
    mixin.apply_to(resource_in(stack, connection_mode="tenant-only"))
    mixin.apply_to(
        resource_in(
            Construct(stack, "Other"),
            tenant_config=cloudfront.CfnDistribution.TenantConfigProperty(parameter_definitions=[]),
        )
    )
    mixin.apply_to(resource_in(Construct(stack, "Standard"), connection_mode="direct"))
    tenant = cloudfront.CfnDistributionTenant(
        stack, "Tenant", distribution_id="E1", domains=[DOMAIN], name="tenant"
    )
    with pytest.raises(TypeError, match="'Web/Tenant' is a distribution tenant"):
        mixin.apply_to(tenant)
    report = report_of(app)
    for path in ("Web/Plain", "Web/Other/Plain"):
        assert (
            f"[{path}] it is a multi-tenant distribution. Multi-tenant distributions and" in report
        )
    assert "Web/Standard" not in report


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"certificate": None}, "certificate is of type NoneType, but must be a ServerCertificate"),
        (
            {"certificate": "arn:aws:iam::111122223333:server-certificate/www"},
            "is of type str, but",
        ),
        (
            {"certificate": ""},
            "certificate is of type str, but must be a ServerCertificate. Import",
        ),
        (
            {"minimum_protocol_version": "TLSv1.2_2021"},
            r"'TLSv1.2_2021' of type str.*TLS_V1_2_2021",
        ),
        ({"minimum_protocol_version": ""}, "minimum_protocol_version is '' of type str"),
        (
            {"minimum_protocol_version": cloudfront.SSLMethod.SNI},
            "must be a member of SecurityPoli",
        ),
        (
            {"ssl_support_method": "sni-only"},
            "'sni-only' of type str, but must be a member of SSLMeth",
        ),
        ({"ssl_support_method": None}, "ssl_support_method is None of type NoneType"),
        (
            {"ssl_support_method": cloudfront.SecurityPolicyProtocol.TLS_V1},
            "of type SecurityPolicyProtocol, but must be a member of SSLMethod, such as SSLMethod.SNI",
        ),
    ],
)
def test_arguments_of_the_wrong_type(arguments: dict[str, Any], message: str) -> None:
    """The wrong type, an empty value or a neighbor's value is an error that says what to pass."""
    with pytest.raises(TypeError, match=message):
        DistributionCertificate(**{"certificate": Elsewhere(), **arguments})


def test_certificate_from_acm_as_the_certificate(stack: Stack) -> None:
    """A certificate from ACM is refused, and the error says where it belongs."""
    arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"
    in_acm: Any = acm.Certificate.from_certificate_arn(stack, "Acm", arn)
    with pytest.raises(TypeError, match="Pass a certificate from ACM to the distribution itself"):
        DistributionCertificate(in_acm)


@pytest.mark.parametrize(
    ("aliases", "message"),
    [
        (
            "www.example.com",
            r"aliases is the string 'www.example.com', .* Write \['www.example.com'\]",
        ),
        ("", "aliases is the string '', but must be a list"),
        (None, "aliases is of type NoneType, but must be a list of domain names"),
        ([None], "aliases contains None of type NoneType"),
    ],
)
def test_aliases_of_the_wrong_type(aliases: Any, message: str) -> None:  # noqa: ANN401 - wrong on purpose
    """A string isn't read as a list of its letters."""
    with pytest.raises(TypeError, match=message):
        DistributionCertificate(Elsewhere()).viewer_certificate(aliases=aliases)


@pytest.mark.parametrize("value", [None, "", Elsewhere()])
def test_no_construct(value: Any) -> None:  # noqa: ANN401 - wrong on purpose
    """``apply_to`` requires a construct."""
    with pytest.raises(TypeError, match="but must be a Distribution, CloudFrontWebDistribution or"):
        DistributionCertificate(Elsewhere()).apply_to(value)

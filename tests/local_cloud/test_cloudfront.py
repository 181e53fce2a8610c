"""The viewer certificate of a distribution: refused, or filled in as CloudFront does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from support.local_stacks import create_stack, failure_reason, final_status, start_stack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local_cloud import LocalCloud
    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

DEFAULT = {
    "CloudFrontDefaultCertificate": True,
    "MinimumProtocolVersion": "TLSv1",
    "CertificateSource": "cloudfront",
}
ARGUMENT = "The parameter ViewerCertificate"
UNSUPPORTED = f"{ARGUMENT} Unsupported value for the"
SSL3_WITH_SNI = (
    f"{ARGUMENT} the specified distribution is configured for SNI and the Minimum SSL Protocol "
    "Version is specified as SSLv3. You cannot specify both."
)
TWO_CERTIFICATES = (
    "Specify only one of CloudFrontDefaultCertificate, IAMCertificateId and ACMCertificateArn."
)
INCOMPATIBLE = (
    "The specified MinimumProtocolVersion cannot be used with the specified SSLSupportMethod"
)


@pytest.fixture
def cloudfront(cloud: LocalCloud) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return a client of an empty cloud."""
    return cloud.client("cloudfront")


@pytest.fixture
def certificate_id(iam: Any, certificates: Certificates) -> str:  # noqa: ANN401 - boto3's
    """Upload a certificate for CloudFront; return its id."""
    uploaded = iam.upload_server_certificate(**certificates.upload_parameters(Path="/cloudfront/"))
    found: str = uploaded["ServerCertificateMetadata"]["ServerCertificateId"]
    return found


def config_with(viewer: Mapping[str, Any] | None, reference: str = "once") -> dict[str, Any]:
    """Return a DistributionConfig; without a viewer certificate, it has no such member."""
    origin = {
        "Id": "o",
        "DomainName": "origin.example.com",
        "CustomOriginConfig": {
            "HTTPPort": 80,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "https-only",
        },
    }
    config = {
        "CallerReference": reference,
        "Comment": "",
        "Enabled": False,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
    }
    return config if viewer is None else {**config, "ViewerCertificate": viewer}


def resource_with(viewer: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a stack's distribution."""
    config: dict[str, Any] = {
        "Enabled": False,
        "Origins": [
            {
                "Id": "o",
                "DomainName": "origin.example.com",
                "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
            }
        ],
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
    }
    if viewer is not None:
        names = {"IAMCertificateId": "IamCertificateId", "SSLSupportMethod": "SslSupportMethod"}
        config["ViewerCertificate"] = {names.get(key, key): viewer[key] for key in viewer}
    return {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}


def from_iam(certificate_id: str, **others: str) -> dict[str, Any]:
    """Return what CloudFront makes of an IAM certificate."""
    return {
        "CloudFrontDefaultCertificate": False,
        "IAMCertificateId": certificate_id,
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1",
        "Certificate": certificate_id,
        "CertificateSource": "iam",
    } | others


def test_what_is_filled_in(cloudfront: Any, certificate_id: str) -> None:  # noqa: ANN401 - boto3's
    """Every answer has the whole viewer certificate, and what CloudFront answers is accepted again."""
    iam = {"IAMCertificateId": certificate_id, "SSLSupportMethod": "sni-only"}
    legacy = {"Certificate": certificate_id, "CertificateSource": "iam"}
    cases: tuple[tuple[dict[str, Any] | None, dict[str, Any]], ...] = (
        (None, DEFAULT),
        ({"CloudFrontDefaultCertificate": True}, DEFAULT),
        ({"MinimumProtocolVersion": "TLSv1.2_2021", "SSLSupportMethod": "sni-only"}, DEFAULT),
        (iam, from_iam(certificate_id)),
        (
            iam | {"MinimumProtocolVersion": "TLSv1.2_2021"},
            from_iam(certificate_id, MinimumProtocolVersion="TLSv1.2_2021"),
        ),
        (iam | {"SSLSupportMethod": "vip"}, from_iam(certificate_id, SSLSupportMethod="vip")),
        (legacy | {"SSLSupportMethod": "sni-only"}, from_iam(certificate_id)),
    )
    for place, (given, expected) in enumerate(cases):
        config = config_with(given, str(place))
        created = cloudfront.create_distribution(DistributionConfig=config)
        distribution = created["Distribution"]
        assert distribution["DistributionConfig"]["ViewerCertificate"] == expected
        stored = cloudfront.get_distribution_config(Id=distribution["Id"])
        assert stored["DistributionConfig"]["ViewerCertificate"] == expected
        updated = cloudfront.update_distribution(
            Id=distribution["Id"],
            IfMatch=stored["ETag"],
            DistributionConfig=stored["DistributionConfig"],
        )
        written = updated["Distribution"]["DistributionConfig"]["ViewerCertificate"]
        assert written == expected


def test_what_is_refused(cloudfront: Any, certificate_id: str) -> None:  # noqa: ANN401 - boto3's
    """A new and a changed distribution are refused with the same code and text."""
    created = cloudfront.create_distribution(DistributionConfig=config_with(None))
    distribution = {"Id": created["Distribution"]["Id"], "IfMatch": created["ETag"]}
    iam = {"IAMCertificateId": certificate_id}
    sni = iam | {"SSLSupportMethod": "sni-only"}
    invalid = "InvalidViewerCertificate"
    cases = (
        (iam, "InvalidArgument", f"{UNSUPPORTED} SSLSupportMethod field: null."),
        (
            iam | {"SSLSupportMethod": "none"},
            "InvalidArgument",
            f"{UNSUPPORTED} SSLSupportMethod field: none.",
        ),
        (
            sni | {"MinimumProtocolVersion": "TLSv9"},
            "InvalidArgument",
            f"{UNSUPPORTED} MinimumProtocolVersion field: TLSv9.",
        ),
        (
            sni | {"MinimumProtocolVersion": "SSLv3"},
            "InvalidArgument",
            SSL3_WITH_SNI,
        ),
        (
            iam | {"SSLSupportMethod": "vip", "MinimumProtocolVersion": "TLSv1.2_2021"},
            "InvalidArgument",
            INCOMPATIBLE,
        ),
        (
            sni | {"CertificateSource": "cloudfront"},
            invalid,
            'Cannot specify IAMCertificateId and a CertificateSource not equal to "iam".',
        ),
        (
            sni | {"Certificate": "ASCAOTHER"},
            invalid,
            "Your IAMCertificateId does not match the given Certificate field.",
        ),
        (
            sni | {"CloudFrontDefaultCertificate": True},
            invalid,
            TWO_CERTIFICATES,
        ),
    )
    for viewer, code, text in cases:
        for call, parameters in (
            (cloudfront.create_distribution, {}),
            (cloudfront.update_distribution, distribution),
        ):
            with pytest.raises(ClientError) as caught:
                call(**parameters, DistributionConfig=config_with(viewer, "other"))
            error = caught.value.response["Error"]
            assert (error["Code"], error["Message"]) == (code, text)
    assert len(cloudfront.list_distributions()["DistributionList"]["Items"]) == 1


def test_certificates_of_acm(cloud: LocalCloud, cloudfront: Any) -> None:  # noqa: ANN401 - boto3's
    """CloudFront takes those of us-east-1 that exist."""
    found = {
        region: cloud.client("acm", region=region).request_certificate(
            DomainName="www.example.com"
        )["CertificateArn"]
        for region in ("us-east-1", "eu-central-1")
    }
    viewer = {"ACMCertificateArn": found["us-east-1"], "SSLSupportMethod": "sni-only"}
    created = cloudfront.create_distribution(DistributionConfig=config_with(viewer))
    assert created["Distribution"]["DistributionConfig"]["ViewerCertificate"] == {
        "CloudFrontDefaultCertificate": False,
        **viewer,
        "MinimumProtocolVersion": "TLSv1",
        "Certificate": found["us-east-1"],
        "CertificateSource": "acm",
    }
    for wrong in (found["eu-central-1"], f"{found['us-east-1']}0"):
        config = config_with(viewer | {"ACMCertificateArn": wrong}, "other")
        with pytest.raises(ClientError, match="InvalidViewerCertificate"):
            cloudfront.create_distribution(DistributionConfig=config)


def test_in_stacks(cloud: LocalCloud, cloudfront: Any, certificate_id: str) -> None:  # noqa: ANN401 - boto3's
    """A stack's distribution is filled in and refused alike."""
    iam = {"IAMCertificateId": certificate_id}
    start_stack(cloud, "refused", {"Distribution": resource_with(iam)})
    distributions = {
        "Default": resource_with(None),
        "Iam": resource_with(iam | {"SSLSupportMethod": "sni-only"}),
    }
    assert create_stack(cloud, "created", distributions) == "CREATE_COMPLETE"
    items = cloudfront.list_distributions()["DistributionList"]["Items"]
    seen = {
        each["ViewerCertificate"]["CertificateSource"]: each["ViewerCertificate"] for each in items
    }
    assert seen == {"cloudfront": DEFAULT, "iam": from_iam(certificate_id)}
    assert final_status(cloud, "refused") == "ROLLBACK_COMPLETE"
    reason = failure_reason(cloud, "refused")
    assert reason.startswith(
        'Resource handler returned message: "Invalid request provided: '
        f"{UNSUPPORTED} SSLSupportMethod field: null. (Service: CloudFront, Status Code: 400, "
    )
    assert reason.endswith("HandlerErrorCode: InvalidRequest)")

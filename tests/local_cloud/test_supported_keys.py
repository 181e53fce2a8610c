"""Load balancers and CloudFront support fewer kinds of keys than IAM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from dev.certificates.authority import self_signed
from dev.certificates.keys import KeyType
from support.consumers import ANSWER, distribution_config, load_balancer

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cloud import LocalCloud
    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

KEY_TYPES = (KeyType.RSA_1024, KeyType.P224, KeyType.P256, KeyType.P384, KeyType.P521)


@pytest.fixture
def uploaded(iam: Any, certificates: Certificates) -> dict[KeyType, dict[str, str]]:  # noqa: ANN401 - boto3's
    """Upload a certificate with each type of key."""
    made = {}
    for key_type in KEY_TYPES:
        issued = self_signed(at=certificates.at, key_type=key_type)
        made[key_type] = iam.upload_server_certificate(
            Path="/cloudfront/",
            ServerCertificateName=key_type.name,
            CertificateBody=issued.pem,
            PrivateKey=issued.key_pem(),
        )["ServerCertificateMetadata"]
    return made


def refusal(call: Callable[..., object], **parameters: object) -> tuple[str, str] | None:
    """Make a call; return code and text of its error."""
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    return None


def test_listeners(cloud: LocalCloud, uploaded: dict[KeyType, dict[str, str]]) -> None:
    """A listener takes RSA keys and EC keys on P-256, P-384 and P-521, also as further certificates."""
    elb = cloud.client("elbv2")
    balancer = load_balancer(cloud)
    unsupported = uploaded[KeyType.P224]["Arn"]
    text = (
        f"The certificate '{unsupported}' must have a fully-qualified domain name, a supported "
        "signature, and a supported key size."
    )

    refused = {
        key_type: refusal(
            elb.create_listener,
            LoadBalancerArn=balancer,
            Protocol="HTTPS",
            Port=port,
            DefaultActions=[ANSWER],
            Certificates=[{"CertificateArn": each["Arn"]}],
        )
        for port, (key_type, each) in enumerate(uploaded.items(), 443)
    }

    expected = ("UnsupportedCertificate", text)
    assert refused == dict.fromkeys(KEY_TYPES) | {KeyType.P224: expected}
    listener = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]
    further = {"ListenerArn": listener, "Certificates": [{"CertificateArn": unsupported}]}
    assert refusal(elb.add_listener_certificates, **further) == expected
    assert refusal(elb.modify_listener, **further) == expected


def test_distributions(cloud: LocalCloud, uploaded: dict[KeyType, dict[str, str]]) -> None:
    """A distribution takes RSA keys and EC keys on P-256."""
    cloudfront = cloud.client("cloudfront")

    refused = {
        key_type: refusal(
            cloudfront.create_distribution,
            DistributionConfig=distribution_config(
                {"IAMCertificateId": each["ServerCertificateId"], "SSLSupportMethod": "sni-only"}
            )
            | {"CallerReference": key_type.name},
        )
        for key_type, each in uploaded.items()
    }

    text = (
        "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or "
        "doesn't include a valid certificate chain."
    )
    expected = ("InvalidViewerCertificate", text)
    unsupported = (KeyType.P224, KeyType.P384, KeyType.P521)
    assert refused == dict.fromkeys(KEY_TYPES) | dict.fromkeys(unsupported, expected)

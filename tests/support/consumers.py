"""What uses server certificates: load balancers and distributions of the local cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local_cloud import LocalCloud

ANSWER = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}


def load_balancer(cloud: LocalCloud, name: str = "lb") -> str:
    """Create a load balancer without a listener, and return its ARN."""
    created = cloud.client("elbv2").create_load_balancer(
        Name=name, Subnets=["subnet-1", "subnet-2"]
    )
    arn: str = created["LoadBalancers"][0]["LoadBalancerArn"]
    return arn


def https_listener(cloud: LocalCloud, load_balancer_arn: str, certificate_arn: str) -> str:
    """Create an HTTPS listener with a certificate, and return the listener's ARN."""
    created = cloud.client("elbv2").create_listener(
        LoadBalancerArn=load_balancer_arn,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": certificate_arn}],
        DefaultActions=[ANSWER],
    )
    arn: str = created["Listeners"][0]["ListenerArn"]
    return arn


def distribution_config(viewer_certificate: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of a distribution with a ViewerCertificate."""
    return {
        "CallerReference": "once",
        "Comment": "",
        "Enabled": False,
        "Origins": {
            "Quantity": 1,
            "Items": [
                {
                    "Id": "o",
                    "DomainName": "origin.example.com",
                    "CustomOriginConfig": {
                        "HTTPPort": 80,
                        "HTTPSPort": 443,
                        "OriginProtocolPolicy": "https-only",
                    },
                }
            ],
        },
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
        "ViewerCertificate": viewer_certificate,
    }

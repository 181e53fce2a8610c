"""Answers of Elastic Load Balancing and CloudFront about what uses certificates."""

from __future__ import annotations

import urllib.parse
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from botocore.awsrequest import AWSPreparedRequest

SERVICES: Final = {"elbv2", "elb", "cloudfront"}


def answer(service: str, request: AWSPreparedRequest, used_by: Mapping[str, Iterable[str]]) -> str:
    """
    Return the answer to a call, as XML.

    Args:
        service: A client's service.
        request: The call.
        used_by: The certificates by the ARN of a distribution, a listener, or a Classic Load Balancer.
    """
    if service == "cloudfront":
        items = "".join(
            f"<DistributionSummary><ARN>{arn}</ARN><ViewerCertificate><IAMCertificateId>{used}"
            "</IAMCertificateId></ViewerCertificate></DistributionSummary>"
            for arn, certificates in used_by.items()
            if ":cloudfront:" in arn
            for used in certificates
        )
        return (
            "<DistributionList><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems>"
            f"<Items>{items}</Items></DistributionList>"
        )
    body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
    query = dict(urllib.parse.parse_qsl(body))
    action = query["Action"]
    members = (
        _classic(used_by)
        if service == "elb"
        else _modern(action, query.get("ListenerArn"), used_by)
    )
    element = {
        "DescribeLoadBalancers": "LoadBalancerDescriptions"
        if service == "elb"
        else "LoadBalancers",
        "DescribeListeners": "Listeners",
        "DescribeListenerCertificates": "Certificates",
    }[action]
    return (
        f"<{action}Response><{action}Result><{element}>{members}</{element}></{action}Result>"
        f"</{action}Response>"
    )


def _modern(action: str, listener: str | None, used_by: Mapping[str, Iterable[str]]) -> str:
    listeners = [arn for arn in used_by if ":listener/" in arn]
    if action == "DescribeLoadBalancers":
        return "<member><LoadBalancerArn>all</LoadBalancerArn></member>" if listeners else ""
    if action == "DescribeListeners":
        plain = "<member><ListenerArn>plain</ListenerArn><Protocol>HTTP</Protocol></member>"
        return plain + "".join(
            f"<member><ListenerArn>{arn}</ListenerArn><Protocol>HTTPS</Protocol></member>"
            for arn in listeners
        )
    return "".join(
        f"<member><CertificateArn>{used}</CertificateArn></member>"
        for used in used_by[str(listener)]
    )


def _classic(used_by: Mapping[str, Iterable[str]]) -> str:
    return "".join(
        f"<member><LoadBalancerName>{arn.rpartition('/')[2]}</LoadBalancerName><ListenerDescriptions>"
        f"<member><Listener><SSLCertificateId>{used}</SSLCertificateId></Listener></member>"
        "</ListenerDescriptions></member>"
        for arn, certificates in used_by.items()
        if ":loadbalancer/" in arn and "/app/" not in arn
        for used in certificates
    )

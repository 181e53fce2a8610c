"""Find what uses server certificates: listeners of load balancers, and CloudFront distributions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from server_certificate_cli.aws.errors import explain_errors
from server_certificate_cli.aws.session import CLOUDFRONT, LOAD_BALANCING
from server_certificate_cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from types_boto3_cloudfront.client import CloudFrontClient
    from types_boto3_elbv2.client import ElasticLoadBalancingv2Client

    from server_certificate_cli.aws.certificates import CertificateSummary
    from server_certificate_cli.aws.session import Aws

Use = tuple[str, str]
"""The ARN or the ServerCertificateId of a certificate, and what uses it."""

_ENCRYPTED = {"HTTPS", "TLS"}
"""The protocols of listeners with certificates (Elastic Load Balancing API, Listener)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumers:
    """What uses which certificate, as far as it could be read."""

    by_certificate: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """ARNs by the ARN or ServerCertificateId of the certificate."""

    problems: tuple[str, ...] = ()
    """What could not be read, each as a sentence."""

    def of(self, certificate: CertificateSummary) -> tuple[str, ...]:
        """Return the ARNs of what uses a certificate."""
        found = (
            *self.by_certificate.get(certificate.arn, ()),
            *self.by_certificate.get(certificate.certificate_id, ()),
        )
        return tuple(dict.fromkeys(found))


def find_consumers(aws: Aws, regions: Iterable[str], *, profile: str | None) -> Consumers:
    """
    Find what uses certificates. What can't be read is reported, and is not an error.

    Args:
        aws: Creates the clients.
        regions: The Regions whose load balancers are read. Default: that of the configuration.
        profile: The profile from the command line, for messages.
    """
    found: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []

    def collect(where: str, service: str, uses: Callable[[], Iterator[Use]]) -> None:
        try:
            with explain_errors(service, profile=profile):
                for certificate, consumer in uses():
                    found[certificate] = (*found.get(certificate, ()), consumer)
        except CommandError as err:
            problems.append(f"{where} can't be read. {err.format_message()}")

    collect("CloudFront distributions", CLOUDFRONT, lambda: _distributions(aws.cloudfront()))
    asked = tuple(dict.fromkeys(regions)) or ((aws.region,) if aws.region else ())
    if not asked:
        problems.append(
            "Load balancers were not read, because no AWS Region is configured. Add"
            " --consumer-region."
        )
    for region in asked:
        collect(
            f"Load balancers in {region}",
            LOAD_BALANCING,
            lambda region=region: _listeners(aws.load_balancing(region)),  # type: ignore[misc]
        )
        collect(
            f"Classic Load Balancers in {region}",
            LOAD_BALANCING,
            lambda region=region: _classic(aws.classic_load_balancing(region), region),  # type: ignore[misc]
        )
    return Consumers(by_certificate=found, problems=tuple(problems))


def _distributions(client: CloudFrontClient) -> Iterator[Use]:
    for page in client.get_paginator("list_distributions").paginate():
        for distribution in page["DistributionList"].get("Items", []):
            certificate_id = distribution.get("ViewerCertificate", {}).get("IAMCertificateId")
            if certificate_id:
                yield certificate_id, distribution["ARN"]


def _listeners(client: ElasticLoadBalancingv2Client) -> Iterator[Use]:
    for page in client.get_paginator("describe_load_balancers").paginate():
        for balancer in page["LoadBalancers"]:
            arn = balancer["LoadBalancerArn"]
            for listeners in client.get_paginator("describe_listeners").paginate(
                LoadBalancerArn=arn
            ):
                for listener in listeners["Listeners"]:
                    if listener.get("Protocol") in _ENCRYPTED:
                        yield from _certificates(client, listener["ListenerArn"])


def _certificates(client: ElasticLoadBalancingv2Client, listener: str) -> Iterator[Use]:
    """Return the certificates of a listener: the default one, and those for SNI."""
    pages = client.get_paginator("describe_listener_certificates").paginate(ListenerArn=listener)
    for page in pages:
        for certificate in page["Certificates"]:
            yield certificate["CertificateArn"], listener


def _classic(client: Any, region: str) -> Iterator[Use]:  # noqa: ANN401 - has no published types here
    for page in client.get_paginator("describe_load_balancers").paginate():
        for balancer in page["LoadBalancerDescriptions"]:
            for described in balancer["ListenerDescriptions"]:
                arn = described["Listener"].get("SSLCertificateId")
                if arn:
                    yield arn, _classic_arn(balancer["LoadBalancerName"], arn, region)


def _classic_arn(name: str, certificate_arn: str, region: str) -> str:
    """
    Return the ARN of a Classic Load Balancer, which its API doesn't return.

    The format is from the service authorization reference. The account is that of the certificate.
    """
    _, partition, _, _, account, *_ = (*certificate_arn.split(":"), *[""] * 5)
    return f"arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{name}"

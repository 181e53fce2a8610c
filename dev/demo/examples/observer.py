"""What an example's stacks, their consumers and the whole cloud look like over its API."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dev.demo.observer import RESOURCE_TYPE, Observer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.demo.examples.scenarios import Example, StackPlace
    from dev.demo.facts import StoredCertificate
    from local_cloud import LocalCloud

LISTENER: Final = "AWS::ElasticLoadBalancingV2::Listener"
DISTRIBUTION: Final = "AWS::CloudFront::Distribution"
_WATCH_PAUSE_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a consumer refers to."""

    reference: str
    """An ARN or a ServerCertificateId."""

    how: str
    """The rest of its settings that have to do with TLS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenStack:
    """A stack with a certificate; one with several is seen as often."""

    place: StackPlace
    construct_id: str
    certificate: StoredCertificate | None
    """None if IAM does not have what the stack refers to."""

    served: tuple[Served, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen at one moment while a deployment ran."""

    before: frozenset[str]
    """ARNs and ids in IAM, right before the look at the consumers."""

    referred: frozenset[str]
    after: frozenset[str]
    """ARNs and ids in IAM, right after it."""


class ExampleObserver:
    """
    Reads, and never changes anything.

    Args:
        cloud: The local cloud.
    """

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._observer = Observer(cloud)
        self._iam: Any = cloud.client("iam")
        self._balancers: Any = cloud.client("elbv2")
        self._distributions: Any = cloud.client("cloudfront")

    def stacks(self, example: Example) -> tuple[SeenStack, ...]:
        """Look at those stacks of an example that are there."""
        certificates = self._observer.snapshot().certificates
        by_id = {stored.certificate_id: stored for stored in certificates}
        seen = []
        for place in example.stacks:
            resources = self._resources(place)
            for logical_id, certificate_id in resources.get(RESOURCE_TYPE, ()):
                listeners = resources.get(LISTENER, ())
                distributions = resources.get(DISTRIBUTION, ())
                seen.append(
                    SeenStack(
                        place=place,
                        # The CDK adds eight digits to the path of a construct.
                        construct_id=logical_id[:-8],
                        certificate=by_id.get(certificate_id),
                        served=(
                            *self._by_listeners([arn for _, arn in listeners]),
                            *(self._by_distribution(each) for _, each in distributions),
                        ),
                    )
                )
        return tuple(seen)

    def certificates(self) -> tuple[StoredCertificate, ...]:
        """Return everything in IAM."""
        return self._observer.snapshot().certificates

    def inventory(self, *regions: str) -> frozenset[str]:
        """
        Name everything that the examples make.

        Log groups are left out: the emulator makes one anew for what a function said at its end.

        Args:
            regions: Where to look for what is regional.
        """
        found = {f"certificate {stored.place}" for stored in self.certificates()}
        found |= {f"role {name}" for name in self._names("iam", "list_roles", "Roles", "RoleName")}
        found |= {f"distribution {each['Id']}" for each in self._all_distributions()}
        for region in regions:
            for kind, service, operation, members, member in (
                ("stack", "cloudformation", "describe_stacks", "Stacks", "StackName"),
                ("function", "lambda", "list_functions", "Functions", "FunctionName"),
                ("VPC", "ec2", "describe_vpcs", "Vpcs", "VpcId"),
                ("security group", "ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
                *(
                    (kind, "elbv2", operation, members, f"{kind.title().replace(' ', '')}Arn")
                    for kind, operation, members in (
                        ("load balancer", "describe_load_balancers", "LoadBalancers"),
                        ("target group", "describe_target_groups", "TargetGroups"),
                        ("listener", "describe_listeners", "Listeners"),
                    )
                ),
            ):
                names = self._names(service, operation, members, member, region=region)
                found |= {f"{kind} {name} in {region}" for name in names}
        return frozenset(found)

    @contextmanager
    def watching(self) -> Iterator[list[Look]]:
        """
        Look at IAM and the consumers, again and again, until the block ends.

        Yields:
            A list that holds all different looks after the block, in their order.
        """
        looks: list[Look] = []
        stop = threading.Event()

        def watch() -> None:
            while not stop.wait(_WATCH_PAUSE_SECONDS):
                before, referred, after = self._held(), self._referred(), self._held()
                look = Look(before=before, referred=referred, after=after)
                if not looks or looks[-1] != look:
                    looks.append(look)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield looks
        finally:
            stop.set()
            thread.join()

    def _resources(self, place: StackPlace) -> dict[str, list[tuple[str, str]]]:
        """Return logical and physical ids of a stack's resources by their types."""
        stacks: Any = self._cloud.client("cloudformation", region=place.region)
        names = {stack["StackName"] for stack in stacks.describe_stacks()["Stacks"]}
        if place.name not in names:
            return {}
        found: dict[str, list[tuple[str, str]]] = {}
        for each in stacks.describe_stack_resources(StackName=place.name)["StackResources"]:
            if each["ResourceStatus"] != "DELETE_COMPLETE":
                ids = each["LogicalResourceId"], each["PhysicalResourceId"]
                found.setdefault(each["ResourceType"], []).append(ids)
        return found

    def _by_listeners(self, arns: list[str]) -> list[Served]:
        if not arns:
            return []
        listeners = self._balancers.describe_listeners(ListenerArns=arns)["Listeners"]
        return [
            Served(
                reference=certificate["CertificateArn"],
                how=f"{listener['Protocol']} on port {listener['Port']}",
            )
            for listener in listeners
            for certificate in listener.get("Certificates", [])
        ]

    def _by_distribution(self, distribution_id: str) -> Served:
        answer = self._distributions.get_distribution_config(Id=distribution_id)
        config = answer["DistributionConfig"]
        viewer = config["ViewerCertificate"]
        method, protocol = viewer.get("SSLSupportMethod"), viewer.get("MinimumProtocolVersion")
        aliases = " and ".join(config.get("Aliases", {}).get("Items", []))
        return Served(
            reference=viewer.get("IAMCertificateId", "no certificate of IAM"),
            how=f"{method}, {protocol}, for {aliases}",
        )

    def _held(self) -> frozenset[str]:
        pages = self._iam.get_paginator("list_server_certificates").paginate()
        listed = [each for page in pages for each in page["ServerCertificateMetadataList"]]
        return frozenset(each[key] for each in listed for key in ("Arn", "ServerCertificateId"))

    def _referred(self) -> frozenset[str]:
        listeners = self._balancers.describe_listeners()["Listeners"]
        arns = {each["CertificateArn"] for one in listeners for each in one.get("Certificates", [])}
        viewers = (each["ViewerCertificate"] for each in self._all_distributions())
        ids = {viewer.get("IAMCertificateId") for viewer in viewers}
        return frozenset(arns | ids - {None})

    def _all_distributions(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self._distributions.list_distributions()[
            "DistributionList"
        ].get("Items", [])
        return listed

    def _names(
        self, service: str, operation: str, members: str, member: str, *, region: str | None = None
    ) -> list[str]:
        client: Any = self._cloud.client(service, region=region)
        return [each[member] for each in getattr(client, operation)()[members]]

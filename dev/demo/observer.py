"""Observes the local cloud through its API, like any other client."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from dev.demo.facts import Snapshot, StackResource, StoredCertificate, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_cloud import LocalCloud

STACK_NAME = "Certificates"
RESOURCE_TYPE = "Custom::IamServerCertificate"
_WATCH_PAUSE_SECONDS = 0.05


class Observer:
    """
    Reads, and never changes anything.

    Args:
        cloud: The local cloud.
    """

    def __init__(self, cloud: LocalCloud) -> None:
        self._iam: Any = cloud.client("iam")
        self._load_balancers: Any = cloud.client("elbv2")
        self._stacks: Any = cloud.client("cloudformation")
        self._logs: Any = cloud.client("logs")

    def snapshot(self) -> Snapshot:
        """Read IAM, the listeners and the stack."""
        return Snapshot(
            certificates=tuple(self._certificate(name) for name in self._names()),
            listener_arns=self._listener_arns(),
            resource=self._resource(),
        )

    def certificate(self, name: str) -> StoredCertificate:
        """Read one certificate; an unknown name raises botocore's ``ClientError``."""
        return self._certificate(name)

    def logs(self) -> dict[str, bytes]:
        """Read all logs, by the name of their log group."""
        pages = self._logs.get_paginator("filter_log_events")
        groups = self._logs.describe_log_groups()["logGroups"]
        return {
            group["logGroupName"]: "\n".join(
                event["message"]
                for page in pages.paginate(logGroupName=group["logGroupName"])
                for event in page["events"]
            ).encode()
            for group in groups
        }

    @contextmanager
    def watching(self) -> Iterator[list[Watch]]:
        """
        Compare listeners with IAM repeatedly, until the block ends.

        Yields:
            A list that has the one result after the block.
        """
        looks, missing = 0, dict[str, None]()
        stop = threading.Event()

        def watch() -> None:
            nonlocal looks
            while not stop.wait(_WATCH_PAUSE_SECONDS):
                # A certificate may be deleted just after the listener moved on: it counts as present if
                # IAM had it before or after the look at the listener.
                there = self._arns()
                referred = self._listener_arns()
                if not there.issuperset(referred):
                    there |= self._arns()
                missing.update(dict.fromkeys(arn for arn in referred if arn not in there))
                looks += bool(referred)

        thread = threading.Thread(target=watch, daemon=True)
        results: list[Watch] = []
        thread.start()
        try:
            yield results
        finally:
            stop.set()
            thread.join()
            results.append(Watch(looks, tuple(missing)))

    def _names(self) -> list[str]:
        return sorted(each["ServerCertificateName"] for each in self._metadata())

    def _arns(self) -> set[str]:
        return {each["Arn"] for each in self._metadata()}

    def _metadata(self) -> list[dict[str, Any]]:
        pages = self._iam.get_paginator("list_server_certificates").paginate()
        return [each for page in pages for each in page["ServerCertificateMetadataList"]]

    def _certificate(self, name: str) -> StoredCertificate:
        stored = self._iam.get_server_certificate(ServerCertificateName=name)["ServerCertificate"]
        metadata = stored["ServerCertificateMetadata"]
        return StoredCertificate(
            certificate_id=metadata["ServerCertificateId"],
            name=metadata["ServerCertificateName"],
            path=metadata["Path"],
            arn=metadata["Arn"],
            certificate_der=_der(stored["CertificateBody"])[0],
            chain_der=_der(stored["CertificateChain"]) if "CertificateChain" in stored else (),
            tags={tag["Key"]: tag["Value"] for tag in stored.get("Tags", [])},
        )

    def _listener_arns(self) -> tuple[str, ...]:
        balancers = self._load_balancers.describe_load_balancers()["LoadBalancers"]
        listeners = [
            listener
            for balancer in balancers
            for listener in self._load_balancers.describe_listeners(
                LoadBalancerArn=balancer["LoadBalancerArn"]
            )["Listeners"]
        ]
        return tuple(
            certificate["CertificateArn"]
            for listener in listeners
            for certificate in listener.get("Certificates", [])
        )

    def _resource(self) -> StackResource | None:
        try:
            resources = self._stacks.describe_stack_resources(StackName=STACK_NAME)
        except ClientError as err:
            if err.response.get("Error", {}).get("Code") != "ValidationError":
                raise
            return None
        for each in resources["StackResources"]:
            if (
                each["ResourceType"] == RESOURCE_TYPE
                and each["ResourceStatus"] != "DELETE_COMPLETE"
            ):
                return StackResource(
                    stack_id=each["StackId"],
                    logical_id=each["LogicalResourceId"],
                    physical_id=each["PhysicalResourceId"],
                )
        return None


def _der(text: str) -> tuple[bytes, ...]:
    certificates = x509.load_pem_x509_certificates(text.encode())
    return tuple(each.public_bytes(Encoding.DER) for each in certificates)

"""Observes an account through its API, like any other client."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from dev.demo.facts import Snapshot, StackResource, StoredCertificate, Watch
from dev.demo.names import Names, begins_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.demo.account import CloudAccount

RESOURCE_TYPE = "Custom::IamServerCertificate"
_WATCH_PAUSE_SECONDS = 0.05


class Observer:
    """
    Reads, and never changes anything.

    Args:
        account: The local cloud, or another account.
        names: The names of what is observed; certificates without their prefix are ignored.
        pause_seconds: The pause between two looks while a deployment runs.
    """

    def __init__(
        self,
        account: CloudAccount,
        names: Names | None = None,
        *,
        pause_seconds: float = _WATCH_PAUSE_SECONDS,
    ) -> None:
        self._names = names or Names()
        self._pause_seconds = pause_seconds
        self._iam: Any = account.client("iam")
        self._load_balancers: Any = account.client("elbv2")
        self._stacks: Any = account.client("cloudformation")
        self._logs: Any = account.client("logs")

    def snapshot(self) -> Snapshot:
        """Read IAM, the listeners and the stack."""
        return Snapshot(
            certificates=tuple(self._certificates()),
            listener_arns=self._listener_arns(),
            resource=self._resource(),
        )

    def certificate(self, name: str) -> StoredCertificate:
        """Read one certificate; an unknown name raises botocore's ``ClientError``."""
        return self._certificate(name)

    def logs(self, *, containing: str = "") -> dict[str, bytes]:
        """
        Read logs, by the name of their log group.

        Args:
            containing: What the name of a log group must contain; default: all log groups.
        """
        pages = self._logs.get_paginator("filter_log_events")
        groups = self._logs.get_paginator("describe_log_groups").paginate()
        names = [group["logGroupName"] for page in groups for group in page["logGroups"]]
        return {
            name: "\n".join(
                event["message"]
                for page in pages.paginate(logGroupName=name)
                for event in page["events"]
            ).encode()
            for name in names
            if containing in name
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
            while not stop.wait(self._pause_seconds):
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

    def _certificates(self) -> Iterator[StoredCertificate]:
        for name in self._stored_names():
            # AWS can list a certificate for some seconds after it is deleted.
            with suppress(self._iam.exceptions.NoSuchEntityException):
                yield self._certificate(name)

    def _stored_names(self) -> list[str]:
        return sorted(each["ServerCertificateName"] for each in self._metadata())

    def _arns(self) -> set[str]:
        return {each["Arn"] for each in self._metadata()}

    def _metadata(self) -> list[dict[str, Any]]:
        pages = self._iam.get_paginator("list_server_certificates").paginate()
        return [
            each
            for page in pages
            for each in page["ServerCertificateMetadataList"]
            if begins_with(each["ServerCertificateName"], self._names.prefix)
        ]

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
        pages = self._load_balancers.get_paginator("describe_load_balancers").paginate()
        listeners = [
            listener
            for page in pages
            for balancer in page["LoadBalancers"]
            for listener in self._load_balancers.describe_listeners(
                LoadBalancerArn=balancer["LoadBalancerArn"]
            )["Listeners"]
        ]
        return tuple(
            certificate["CertificateArn"]
            for listener in listeners
            for certificate in listener.get("Certificates", [])
            if begins_with(certificate["CertificateArn"].rpartition("/")[2], self._names.prefix)
        )

    def _resource(self) -> StackResource | None:
        try:
            resources = self._stacks.describe_stack_resources(StackName=self._names.stack)
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

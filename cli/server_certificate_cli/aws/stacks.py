"""Read the state of the stacks that own certificates from CloudFormation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from server_certificate_cli.aws.errors import AwsRefusedError, explain_errors
from server_certificate_cli.aws.owner import OwningStack
from server_certificate_cli.aws.ownership import (
    GONE,
    UNREADABLE,
    Ownership,
    StackView,
    UnreadableStack,
    ownership,
)
from server_certificate_cli.aws.session import CLOUDFORMATION
from server_certificate_cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from types_boto3_cloudformation.client import CloudFormationClient

    from server_certificate_cli.aws.certificates import CertificateDetails
    from server_certificate_cli.aws.session import Aws

_THREADS = 4
_RETAINED = "DELETE_SKIPPED"
_DELETING = {"DELETE_IN_PROGRESS", "DELETE_FAILED", "DELETE_COMPLETE", _RETAINED}
"""The ResourceStatus of a resource that no longer counts (CloudFormation API, StackResource)."""


class Stacks:
    """Reads stacks, each in the Region of its ARN."""

    def __init__(self, aws: Aws, *, profile: str | None) -> None:
        """
        Create a reader.

        Args:
            aws: Creates the clients.
            profile: The profile from the command line, for messages.
        """
        self._aws = aws
        self._profile = profile
        self.problems: tuple[str, ...] = ()
        """The stacks that could not be read the last time, each with the reason, as a sentence."""
        self._clients: dict[str, CloudFormationClient] = {}

    def ownership(self, details: Iterable[CertificateDetails | None]) -> list[Ownership]:
        """
        Return how each certificate relates to its stack. Each stack is read once.

        Args:
            details: The certificates; None for one that can't be read.
        """
        certificates = list(details)
        arns = {
            owner.stack_id: each.listed.arn
            for each in certificates
            if each is not None and (owner := each.owner) is not None
        }
        # Clients are created here, because that isn't safe in threads.
        ready = {stack_id: self._client(stack_id, arn) for stack_id, arn in arns.items()}
        with ThreadPoolExecutor(max_workers=_THREADS) as threads:
            views = dict(zip(ready, threads.map(self._view, ready, ready.values()), strict=True))
        self.problems = tuple(
            f"The stack {OwningStack(stack_id=stack_id, logical_id='').stack_name} can't be read:"
            f" {view.problem}"
            for stack_id, view in views.items()
            if isinstance(view, UnreadableStack)
        )
        return [
            UNREADABLE
            if each is None
            else ownership(
                each.listed.certificate_id,
                each.tags,
                views[each.owner.stack_id] if each.owner else None,
            )
            for each in certificates
        ]

    def _client(self, stack_id: str, arn: str) -> CloudFormationClient | UnreadableStack:
        region = OwningStack(stack_id=stack_id, logical_id="").region_in_account_of(arn)
        if region is None:
            return UnreadableStack(
                "the tag is not the ARN of a stack in the certificate's account."
            )
        if region not in self._clients:
            try:
                self._clients[region] = self._aws.cloudformation(region)
            except CommandError as err:
                return UnreadableStack(err.format_message())
        return self._clients[region]

    def _view(
        self, stack_id: str, client: CloudFormationClient | UnreadableStack
    ) -> StackView | UnreadableStack:
        if isinstance(client, UnreadableStack):
            return client
        try:
            with explain_errors(CLOUDFORMATION, profile=self._profile):
                return _read(client, stack_id)
        except AwsRefusedError as err:
            # CloudFormation forgets a deleted stack after 90 days. The id of a stack is never used
            # again, so this can't be another stack with the same name.
            if err.code == "ValidationError" and "does not exist" in err.message:
                return StackView(status=GONE)
            return UnreadableStack(err.format_message())
        except CommandError as err:
            return UnreadableStack(err.format_message())


def _read(client: CloudFormationClient, stack_id: str) -> StackView:
    pages = client.get_paginator("list_stack_resources").paginate(StackName=stack_id)
    resources: dict[str, str] = {}
    retained: set[str] = set()
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            physical_id = resource.get("PhysicalResourceId", "")
            if resource["ResourceStatus"] not in _DELETING:
                resources[resource["LogicalResourceId"]] = physical_id
            elif resource["ResourceStatus"] == _RETAINED:
                retained.add(physical_id)
    # Read the status last: an operation that has begun since then could have changed the resources.
    (stack,) = client.describe_stacks(StackName=stack_id)["Stacks"]
    return StackView(status=stack["StackStatus"], resources=resources, retained=frozenset(retained))

"""Read the state of the stack and its resources from CloudFormation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from server_certificate_handler.errors import StackUnreadableError, as_sentence
from server_certificate_handler.kernel.stack import Phase, ResourceState, Stack
from server_certificate_handler.permission_lag import retry_until_permitted

if TYPE_CHECKING:
    from types_boto3_cloudformation.client import CloudFormationClient

    from server_certificate_handler.deadline import Deadline

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


@dataclass(frozen=True, slots=True)
class StackReader:
    """Reads the stack of an event with DescribeStacks and ListStackResources."""

    client: CloudFormationClient
    deadline: Deadline
    stack_id: str

    def read(self) -> Stack:
        """
        Read the state of the stack.

        Raises:
            StackUnreadableError: It can't be read. Nothing is decided without it: a canceled
                creation would leave its certificate behind, and a deletion could remove a
                certificate that another resource of the stack uses.
        """
        try:
            return retry_until_permitted(self._read, is_denied=_is_denied, deadline=self.deadline)
        except (BotoCoreError, ClientError, LookupError, UnicodeEncodeError) as err:
            raise self._explained(err) from err

    def _read(self) -> Stack:
        pages = self.client.get_paginator("list_stack_resources").paginate(StackName=self.stack_id)
        resources = {
            resource["LogicalResourceId"]: ResourceState(
                resource.get("PhysicalResourceId", ""), resource["ResourceStatus"]
            )
            for page in pages
            for resource in page["StackResourceSummaries"]
        }
        # Read the status of the stack last: it distinguishes a resource that was rolled back from
        # one that was updated.
        described = self.client.describe_stacks(StackName=self.stack_id)["Stacks"][0]
        return Stack(phase=Phase.of(described["StackStatus"]), resources=resources)

    def _explained(self, err: Exception) -> StackUnreadableError:
        if not _is_denied(err):
            return StackUnreadableError(
                f"The status of the stack can't be read: {as_sentence(str(err))}"
            )
        return StackUnreadableError(
            "The function's role isn't allowed to read the status of its own stack:"
            f" {as_sentence(str(err))} Allow cloudformation:DescribeStacks and"
            f" cloudformation:ListStackResources on '{self.stack_id}', and check whether a"
            " permissions boundary or a service control policy (SCP) denies them. Without these"
            " permissions, a canceled creation could leave its certificate behind, and a deletion"
            " could remove a certificate that another resource of the stack uses."
        )


def _is_denied(err: Exception) -> bool:
    return isinstance(err, ClientError) and err.response.get("Error", {}).get("Code") in _DENIED

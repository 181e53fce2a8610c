"""
What CloudFormation itself says of the stack: why an event comes, and whether it still waits for it.

Two reads, of DescribeStacks and DescribeStackResource. CloudFormation may stop waiting for an
event while the function works on it, and Lambda may deliver an event late or twice; neither shows
in the event. Nor does what else the same operation changes.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from server_certificate_handler.errors import StackUnreadableError
from server_certificate_handler.occasion import Occasion, ResourceState
from server_certificate_handler.patience import with_patience

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from types_boto3_cloudformation.client import CloudFormationClient

    from server_certificate_handler.deadline import Deadline

log = logging.getLogger(__name__)

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


_OPERATIONS = {"CREATE_STACK", "UPDATE_STACK"}
_ROLLBACKS = {"ROLLBACK", "CONTINUE_ROLLBACK"}
"""Types of operations (CloudFormation API reference, OperationEntry)."""


@dataclass(frozen=True, slots=True)
class StackState:
    """The stack and the resource that an event is about."""

    cloudformation: CloudFormationClient
    deadline: Deadline
    stack_id: str
    logical_id: str

    def occasion(self) -> Occasion:
        """Tell why an event comes; a failure to do so is an answer, too, and stops nothing."""
        try:
            stacks = self.cloudformation.describe_stacks(StackName=self.stack_id)["Stacks"]
            return Occasion.of(stacks[0]["StackStatus"])
        except (BotoCoreError, ClientError, LookupError) as err:
            log.warning({"decision": "go on without the stack's status", "error": str(err)})
            return Occasion.UNKNOWN

    def began_at(self) -> datetime | None:
        """Tell when the operation on the stack began; None when that cannot be read."""
        try:
            stack = self.cloudformation.describe_stacks(StackName=self.stack_id)["Stacks"][0]
            return stack.get("LastUpdatedTime", stack["CreationTime"])
        except (BotoCoreError, ClientError, LookupError) as err:
            log.info({"decision": "go on without the stack's times", "error": str(err)})
            return None

    def has_undone(self, at: datetime | None) -> bool:
        """
        Tell whether what happened at an instant was of an operation that was rolled back.

        That shows while the stack is deleted only, by what CloudFormation lists of its operations:
        the status before is not told any more.

        Args:
            at: The instant; None when it is not known.

        Returns:
            Also true where it cannot be read, which is the cautious reading.
        """
        try:
            stack = self.cloudformation.describe_stacks(StackName=self.stack_id)["Stacks"][0]
            began_at = stack.get("LastUpdatedTime", stack["CreationTime"])
        except (BotoCoreError, ClientError, LookupError) as err:
            log.warning({"decision": "take it for undone", "error": str(err)})
            return True
        if at is not None and at < began_at:
            return False
        if not _reads_operations(self.cloudformation):
            log.warning({"decision": "take it for undone", "error": "this botocore is too old"})
            return True
        return _was_rolled_back([each["OperationType"] for each in stack.get("LastOperations", [])])

    def of(self, logical_id: str) -> StackState:
        """Return the state of another resource of the stack."""
        return replace(self, logical_id=logical_id)

    def resource(self) -> ResourceState | None:
        """
        Read what CloudFormation holds of the resource; None when it cannot be read.

        Raises:
            StackUnreadableError: The role may not read it.
        """
        try:
            return with_patience(self._resource, denied=_is_denied, deadline=self.deadline)
        except ClientError as err:
            if _is_denied(err):
                raise StackUnreadableError(
                    "The function's role may not read the state of its own stack: "
                    f"{err.response.get('Error', {}).get('Message', '')} Allow cloudformation:DescribeStackResource and"
                    f" cloudformation:DescribeStacks on '{self.stack_id}', and look for a permissions boundary or an SCP"
                    " that forbids them. Without them a creation that was cancelled would leave its certificate behind."
                ) from err
            _log_unreadable(err)
        except (BotoCoreError, LookupError) as err:
            _log_unreadable(err)
        return None

    def resource_if_readable(self) -> ResourceState | None:
        """Read what CloudFormation holds of the resource; None when it cannot be read or may not be."""
        try:
            return self.resource()
        except StackUnreadableError as err:
            _log_unreadable(err)
            return None

    def _resource(self) -> ResourceState:
        detail = self.cloudformation.describe_stack_resource(
            StackName=self.stack_id, LogicalResourceId=self.logical_id
        )["StackResourceDetail"]
        return ResourceState(
            detail.get("PhysicalResourceId", ""),
            detail["ResourceStatus"],
            detail.get("LastUpdatedTimestamp"),
        )


def _reads_operations(cloudformation: CloudFormationClient) -> bool:
    """Tell whether LastOperations reach us: a runtime's botocore before 1.40.76 drops them."""
    stack: Any = cloudformation.meta.service_model.shape_for("Stack")
    return "LastOperations" in stack.members


def _was_rolled_back(operations: Sequence[str]) -> bool:
    """Tell whether the last operation on a stack that is being deleted was rolled back."""
    # The newest is said to come first; the deletion that is under way shows where that is.
    is_reversed = operations[-1:] == ["DELETE_STACK"]
    newest_first = reversed(operations) if is_reversed else operations
    last = next((each for each in newest_first if each in _OPERATIONS | _ROLLBACKS), None)
    return last in _ROLLBACKS


def _log_unreadable(err: Exception) -> None:
    log.info({"decision": "go on without the resource's state", "error": str(err)})


def _is_denied(err: Exception) -> bool:
    return isinstance(err, ClientError) and _code(err) in _DENIED


def _code(err: Exception) -> str:
    if isinstance(err, ClientError):
        return str(err.response.get("Error", {}).get("Code", ""))
    return type(err).__name__

"""Create, read, execute and delete the change set of a renewal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from server_certificate.contract.renewal import CHANGE_SET_PREFIX
from server_certificate_handler.errors import OutOfTimeError
from server_certificate_handler.renewal.changes import Cause, Change, ChangeSet
from server_certificate_handler.renewal.failures import (
    CallError,
    ConflictError,
    RenewalFailedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from types_boto3_cloudformation.client import CloudFormationClient
    from types_boto3_cloudformation.type_defs import ParameterTypeDef, ResourceChangeTypeDef

    from server_certificate_handler.errors import HandlerError
    from server_certificate_handler.renewal.calls import Answer, Calls
    from server_certificate_handler.renewal.facts import StackFacts
    from server_certificate_handler.renewal.run_input import Renewing

POLL_SECONDS = 2.0

LONGEST_RUN = timedelta(minutes=16)
"""Longer than a run of a Lambda function can be."""

_BUSY = {
    "ChangeSetNotFound",
    "InvalidChangeSetStatus",
    "OperationInProgressException",
    "TokenAlreadyExistsException",
}
"""Codes for a stack or change set that something else has just changed."""

_UNCHANGED = ("didn't contain changes", "No updates are to be performed")
"""Parts of the StatusReason of a change set without changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSets:
    """The change sets of renewals of a stack."""

    client: CloudFormationClient
    calls: Calls
    stack_id: str

    invocation: str
    """The ID of the invocation, which is the same when Lambda retries it."""

    def create(
        self, version_id: str, *, stack: StackFacts, renewing: Renewing, now: datetime
    ) -> str:
        """
        Create a change set that only changes one parameter, and return its name.

        Raises:
            ConflictError: Another run is creating it, or another operation is in progress.
            RenewalFailedError: CloudFormation refuses to create it.
            CallError: Another error.
        """
        name = f"{CHANGE_SET_PREFIX}{version_id}"
        try:
            self._create(name, version_id, stack=stack, renewing=renewing)
        except CallError as err:
            if err.code != "AlreadyExistsException":
                raise
            self._delete_left_behind(name, now)
            self._create(name, version_id, stack=stack, renewing=renewing)
        return name

    def read(self, name: str) -> ChangeSet:
        """
        Wait until a change set is created, and return it with those of the nested stacks.

        Raises:
            RenewalFailedError: It could not be created, for example because nothing changes.
            ConflictError: Something else has deleted it.
            OutOfTimeError: It takes too long.
            CallError: It can't be read.
        """
        while True:
            pages = self._describe(name, self.stack_id)
            status = pages[0].get("Status", "")
            if status == "CREATE_COMPLETE":
                return self._tree(pages)
            if status == "FAILED":
                raise RenewalFailedError(
                    f"CloudFormation could not create the change set: {pages[0].get('StatusReason')}"
                )
            if status.startswith("DELETE"):
                raise ConflictError(f"The change set '{name}' has been deleted.")
            if not self.calls.deadline.wait(POLL_SECONDS):
                raise OutOfTimeError("CloudFormation takes too long to create the change set.")

    def execute(self, name: str, token: str) -> None:
        """
        Execute a change set.

        Raises:
            ConflictError: Another operation is in progress, or has changed the stack.
            CallError: Another error.
        """
        self._call(
            "ExecuteChangeSet",
            self.stack_id,
            lambda: self.client.execute_change_set(
                ChangeSetName=name,
                StackName=self.stack_id,
                ClientRequestToken=token,
                # The API reference documents True as the default.
                DisableRollback=False,
            ),
        )

    def delete(self, name: str) -> None:
        """
        Delete a change set.

        Raises:
            CallError: It can't be deleted.
        """
        self._call(
            "DeleteChangeSet",
            self.stack_id,
            lambda: self.client.delete_change_set(ChangeSetName=name, StackName=self.stack_id),
        )

    def _create(self, name: str, version_id: str, *, stack: StackFacts, renewing: Renewing) -> None:
        others = sorted(stack.parameters.keys() - {renewing.parameter})
        parameters: list[ParameterTypeDef] = [
            {"ParameterKey": renewing.parameter, "ParameterValue": version_id}
        ]
        parameters += [{"ParameterKey": key, "UsePreviousValue": True} for key in others]
        self._call(
            "CreateChangeSet",
            self.stack_id,
            lambda: self.client.create_change_set(
                StackName=self.stack_id,
                ChangeSetName=name,
                ChangeSetType="UPDATE",
                Description=f"{_DESCRIPTION}{self.invocation}",
                UsePreviousTemplate=True,
                IncludeNestedStacks=True,
                RoleARN=renewing.role,
                Capabilities=cast("Any", list(stack.capabilities)),
                Parameters=parameters,
            ),
        )

    def _delete_left_behind(self, name: str, now: datetime) -> None:
        """Delete the change set of a run that is over, such as one that timed out."""
        there = self._describe(name, self.stack_id)[0]
        age = now - there["CreationTime"]
        if there.get("Description") != f"{_DESCRIPTION}{self.invocation}" and age < LONGEST_RUN:
            raise ConflictError("Another run is renewing the certificates.")
        self.delete(name)
        while self._exists(name):
            if not self.calls.deadline.wait(POLL_SECONDS):
                raise OutOfTimeError("CloudFormation takes too long to delete a change set.")

    def _exists(self, name: str) -> bool:
        try:
            self._describe(name, self.stack_id)
        except ConflictError:
            return False
        return True

    def _describe(self, name: str, stack_id: str) -> Sequence[Mapping[str, Any]]:
        """Return the pages of a change set. The condition of the role's policy is about its name."""
        paginator = self.client.get_paginator("describe_change_set")
        return self._call(
            "DescribeChangeSet",
            stack_id,
            lambda: list(paginator.paginate(ChangeSetName=name, StackName=stack_id)),
        )

    def _call(self, action: str, stack_id: str, call: Callable[[], Answer]) -> Answer:
        """Make a call, and distinguish what the next run can do better from what it can't."""
        try:
            return self.calls.call(f"cloudformation:{action}", stack_id, call)
        except CallError as err:
            raise _meaning(err) from err

    def _tree(self, pages: Sequence[Mapping[str, Any]]) -> ChangeSet:
        status, reason = pages[0].get("Status"), str(pages[0].get("StatusReason", ""))
        is_unchanged = any(text in reason for text in _UNCHANGED)
        return ChangeSet(
            changes=tuple(self._changes(pages)),
            parameters={
                parameter["ParameterKey"]: parameter.get("ParameterValue", "")
                for parameter in pages[0].get("Parameters", [])
                if "ResolvedValue" not in parameter
            },
            problem="" if status == "CREATE_COMPLETE" or is_unchanged else f"{status}: {reason}",
        )

    def _changes(self, pages: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
        for page in pages:
            for change in page.get("Changes", []):
                resource: ResourceChangeTypeDef = change.get("ResourceChange", {})
                yield Change(
                    logical_id=resource.get("LogicalResourceId", ""),
                    resource_type=resource.get("ResourceType", ""),
                    action=resource.get("Action", ""),
                    replacement=resource.get("Replacement", ""),
                    causes=tuple(_causes(resource)),
                    nested=self._nested(resource),
                )

    def _nested(self, resource: ResourceChangeTypeDef) -> ChangeSet | None:
        """Return the change set of a nested stack that exists."""
        change_set_id, stack_id = resource.get("ChangeSetId"), resource.get("PhysicalResourceId")
        if not change_set_id or not stack_id:
            return None
        return self._tree(self._describe(change_set_id.split("/")[1], stack_id))


def _causes(resource: ResourceChangeTypeDef) -> Iterator[Cause]:
    for detail in resource.get("Details", []):
        target = detail.get("Target", {})
        yield Cause(
            target=(target.get("Attribute", ""), target.get("Name", "")),
            source=detail.get("ChangeSource", ""),
            entity=detail.get("CausingEntity", ""),
            is_certain=detail.get("Evaluation") == "Static",
        )


def _meaning(err: CallError) -> HandlerError:
    if err.code in _BUSY or "_IN_PROGRESS" in err.text:
        return ConflictError(str(err))
    if err.code == "InsufficientCapabilitiesException":
        return RenewalFailedError(
            f"{err} A renewal acknowledges the capabilities of the last deployment. Deploy the stack"
            " again with all that its template needs; cdk deploy acknowledges them."
        )
    return err


_DESCRIPTION = "Renews IAM server certificates. Invocation: "

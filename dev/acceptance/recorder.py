"""A function that answers custom resources as they ask it to, and records what it sees."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dev.acceptance.account import Account
    from dev.acceptance.patience import Patience
    from dev.acceptance.run import Run
    from dev.acceptance.stacks import AskedStack

TIMEOUT_SECONDS: Final = 120
"""ServiceTimeout of the custom resources: an event that nobody answers fails its stack after this."""

_LOG_SECONDS: Final = 90
_MARK: Final = "RECORD "
# No ResponseURL: it is a credential.
_CODE: Final = """
    import json, sys, urllib.request
    import boto3

    cloudformation = boto3.client("cloudformation")

    def seen(name):
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        listed = cloudformation.list_stack_resources(StackName=name)["StackResourceSummaries"]
        updated = stack.get("LastUpdatedTime")
        return {
            "status": stack["StackStatus"],
            "last_updated": updated and updated.isoformat(),
            "operations": [each["OperationType"] for each in stack.get("LastOperations", [])],
            "resources": {
                each["LogicalResourceId"]: each.get("PhysicalResourceId", "")
                + " " + each["ResourceStatus"]
                for each in listed
            },
        }

    def handler(event, context):
        kind, wanted = event["RequestType"], event["ResourceProperties"]
        known = event.get("PhysicalResourceId", "")
        fails = kind in wanted.get("FailOn", [])
        answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
        answer["Status"] = "FAILED" if fails else "SUCCESS"
        answer["Reason"] = "It was asked to fail."
        answer["PhysicalResourceId"] = known if known and (fails or kind == "Delete") else wanted["Id"]
        record = {
            "event": kind,
            "logical_id": event["LogicalResourceId"],
            "physical_id": known,
            "id": wanted.get("Id", ""),
            "old_id": event.get("OldResourceProperties", {}).get("Id", ""),
            "stack": event["StackId"],
            "answered": answer["Status"] + " " + answer["PhysicalResourceId"],
            "python": sys.version.split()[0],
            "boto3": boto3.__version__,
            "iam_actions": len(
                [name for name in boto3.client("iam").meta.method_to_api_mapping
                 if "server_certificate" in name]
            ),
        }
        try:
            record |= seen(event["StackId"])
        except Exception as error:
            record["status"] = str(error)
        print("RECORD " + json.dumps(record))
        put = urllib.request.Request(
            event["ResponseURL"], data=json.dumps(answer).encode(), method="PUT",
            headers={"Content-Type": ""},
        )
        urllib.request.urlopen(put).read()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One event, as the function saw it."""

    event: str
    logical_id: str
    physical_id: str
    id: str
    """The property ``Id``."""

    old_id: str
    stack: str
    answered: str
    python: str
    boto3: str
    iam_actions: int
    status: str
    last_updated: str | None = None
    operations: tuple[str, ...] = ()
    resources: Mapping[str, str] | None = None

    def __str__(self) -> str:
        shown = ", ".join(f"{key} {value}" for key, value in (self.resources or {}).items())
        return (
            f"{self.event} of {self.logical_id}, physical id {self.physical_id or 'none'},"
            f" Id {self.id}, old Id {self.old_id or 'none'}, answered {self.answered}."
            f" Stack: {self.status}, LastUpdatedTime {self.last_updated or 'absent'},"
            f" LastOperations {', '.join(self.operations) or 'absent'}. Resources: {shown}"
        )


class Recorder:
    """
    The deployed function.

    Args:
        account: The account.
        function_arn: The function.
        log_group: Its log group.
        patience: Waits for the log.
    """

    def __init__(
        self, account: Account, function_arn: str, log_group: str, patience: Patience
    ) -> None:
        self._function_arn = function_arn
        self._log_group = log_group
        self._patience = patience
        self._logs: Any = account.client("logs")

    @classmethod
    def deployed(cls, account: Account, stack: AskedStack, run: Run, patience: Patience) -> Self:
        """Deploy the function."""
        stack.expect(stack.create(_template(account, run)), "CREATE_COMPLETE")
        outputs = stack.outputs()
        return cls(account, outputs["FunctionArn"], outputs["LogGroup"], patience)

    def resource(self, physical_id: str, **properties: Any) -> dict[str, Any]:  # noqa: ANN401 - template values
        """
        Return a custom resource that the function answers for.

        Args:
            physical_id: The id that it answers with.
            **properties: Further properties. ``FailOn`` lists the events that fail.
        """
        return {
            "Type": "Custom::Recorded",
            "Properties": {
                "ServiceToken": self._function_arn,
                "ServiceTimeout": TIMEOUT_SECONDS,
                "Id": physical_id,
                **properties,
            },
        }

    def records(self, stack_id: str, *, expected: int) -> list[Record]:
        """
        Return what the function saw of a stack, in order.

        Args:
            stack_id: The stack's ARN.
            expected: The number of events to wait for: logs arrive late.
        """
        return self._patience.until(
            lambda: [record for record in self._all() if record.stack == stack_id],
            lambda records: len(records) >= expected,
            seconds=_LOG_SECONDS,
        )

    def _all(self) -> list[Record]:
        pages = self._logs.get_paginator("filter_log_events").paginate(logGroupName=self._log_group)
        events = [event for page in pages for event in page["events"]]
        events.sort(key=lambda event: int(event["timestamp"]))
        return [
            Record(**_with_tuple(json.loads(line.partition(_MARK)[2])))
            for event in events
            for line in event["message"].splitlines()
            if _MARK in line
        ]


def _with_tuple(record: dict[str, Any]) -> dict[str, Any]:
    return record | {"operations": tuple(record.get("operations", ()))}


def _template(account: Account, run: Run) -> dict[str, Any]:
    arn = f"arn:{account.partition}"
    return {
        "Resources": {
            "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 1}},
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": run.name("recorder"),
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "lambda.amazonaws.com"},
                                "Action": "sts:AssumeRole",
                            }
                        ],
                    },
                    "Policies": [
                        {
                            "PolicyName": "record",
                            "PolicyDocument": {
                                "Version": "2012-10-17",
                                "Statement": [
                                    {
                                        "Effect": "Allow",
                                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                                        "Resource": {"Fn::GetAtt": ["Logs", "Arn"]},
                                    },
                                    {
                                        "Effect": "Allow",
                                        "Action": [
                                            "cloudformation:DescribeStacks",
                                            "cloudformation:ListStackResources",
                                        ],
                                        "Resource": f"{arn}:cloudformation:{account.region}"
                                        f":{account.account_id}:stack/{run.prefix}*",
                                    },
                                ],
                            },
                        }
                    ],
                },
            },
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Runtime": "python3.13",
                    "Handler": "index.handler",
                    "Timeout": 60,
                    "MemorySize": 256,
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "LoggingConfig": {"LogGroup": {"Ref": "Logs"}},
                    "Code": {"ZipFile": textwrap.dedent(_CODE).strip() + "\n"},
                },
            },
        },
        "Outputs": {
            "FunctionArn": {"Value": {"Fn::GetAtt": ["Function", "Arn"]}},
            "LogGroup": {"Value": {"Ref": "Logs"}},
        },
    }

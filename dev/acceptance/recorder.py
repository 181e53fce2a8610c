"""A function that answers custom resources as they ask it to, and records what it sees."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from dev.acceptance.recorder_stack import recorder_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dev.acceptance.account import Account
    from dev.acceptance.patience import Patience
    from dev.acceptance.run import Run
    from dev.acceptance.stacks import AskedStack

TIMEOUT_SECONDS: Final = 120
"""ServiceTimeout of the custom resources: an event that nobody answers fails its stack after this."""

_LOG_SECONDS: Final = 90
_READY_SECONDS: Final = 180
_MARK: Final = "RECORD "


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
    status: str = ""
    error: str = ""
    """Why the function couldn't read the stack."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """What the function's runtime brings with it."""

    python: str
    boto3: str
    iam_actions: int
    """The number of actions on server certificates that its boto3 knows."""


class NotRecordedError(Exception):
    """The function couldn't do its work; the message says why."""


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
        self._lambda: Any = account.client("lambda")
        self._logs: Any = account.client("logs")
        self.runtime = Runtime(python="", boto3="", iam_actions=0)

    @classmethod
    def deployed(cls, account: Account, stack: AskedStack, run: Run, patience: Patience) -> Self:
        """
        Deploy the function, and wait until its role is in force: it may read stacks and write its log.

        Raises:
            NotRecordedError: It still may not.
        """
        stack.expect(stack.create(recorder_template(account, run)), "CREATE_COMPLETE")
        outputs = stack.outputs()
        recorder = cls(account, outputs["FunctionArn"], outputs["LogGroup"], patience)
        wrong = patience.until(
            lambda: recorder._why_not_ready(stack.name), lambda why: not why, seconds=_READY_SECONDS
        )
        if wrong:
            raise NotRecordedError(wrong)
        return recorder

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
            expected: The number of events to wait for, of which the last is a Delete: logs arrive late.

        Raises:
            NotRecordedError: It couldn't read the stack.
        """
        records = self._patience.until(
            lambda: [record for record in self._all() if record.stack == stack_id],
            lambda seen: len(seen) >= expected and seen[-1].event == "Delete",
            seconds=_LOG_SECONDS,
        )
        for record in records:
            if record.error:
                raise NotRecordedError(record.error)
        return records

    def _why_not_ready(self, stack_name: str) -> str:
        """Call the function, and look for the line that it writes."""
        event = json.dumps({"Check": stack_name})
        answer = self._lambda.invoke(FunctionName=self._function_arn, Payload=event)
        answered = json.load(answer["Payload"])
        if "FunctionError" in answer:
            return f"The recorder can't read stacks: {answered}"
        self.runtime = Runtime(**answered)
        return "" if any("READY" in line for line in self._lines()) else "The recorder has no log."

    def _all(self) -> list[Record]:
        found = [json.loads(line.partition(_MARK)[2]) for line in self._lines() if _MARK in line]
        return [
            Record(**record | {"operations": tuple(record.get("operations", ()))})
            for record in found
        ]

    def _lines(self) -> list[str]:
        pages = self._logs.get_paginator("filter_log_events").paginate(logGroupName=self._log_group)
        events = [event for page in pages for event in page["events"]]
        events.sort(key=lambda event: int(event["timestamp"]))
        return [line for event in events for line in event["message"].splitlines()]

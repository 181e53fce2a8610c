"""Schedules of EventBridge's rules, which tests don't wait for."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import eventbridge

from local_cloud.control import ScheduleError
from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Mapping

INTERNALS = (
    function(eventbridge, "_invoke_target", "target", "event", "rule", "view"),
    instance(eventbridge, "_rules", responses.AccountRegionScopedDict),
    instance(eventbridge, "_targets", responses.AccountRegionScopedDict),
    function(responses, "get_account_id"),
    function(responses, "get_region"),
    function(responses, "set_request_account_id", "access_key_id"),
    function(responses, "set_request_region", "region"),
)


def fire(rule_arn: str, time: datetime) -> None:
    """
    Send the targets of a rule the event of its schedule.

    Args:
        rule_arn: The rule.
        time: The time in the event.

    Raises:
        ScheduleError: There is no such rule, it has no schedule, or it is disabled.
    """
    found = next(
        (item for item in eventbridge._rules._data.items() if item[1]["Arn"] == rule_arn),  # noqa: SLF001 - no public way in
        None,
    )
    if found is None:
        raise ScheduleError(f"There is no rule {rule_arn}.")
    (account_id, region, key), rule = found
    if not rule.get("ScheduleExpression"):
        raise ScheduleError(f"The rule {rule_arn} has no schedule.")
    if rule.get("State") != "ENABLED":
        raise ScheduleError(f"The rule {rule_arn} is disabled.")
    before = responses.get_account_id(), responses.get_region()
    responses.set_request_account_id(account_id)
    responses.set_request_region(region)
    try:
        for target in eventbridge._targets.get(key, []):  # noqa: SLF001 - the same
            eventbridge._invoke_target(target, _event(rule, account_id, region, time), rule)  # noqa: SLF001 - the same
    finally:
        responses.set_request_account_id(before[0])
        responses.set_request_region(before[1])


def _event(rule: Mapping[str, Any], account_id: str, region: str, time: datetime) -> dict[str, Any]:
    """Return the event, as the emulator has events (EventBridge User Guide, "Scheduled events")."""
    return {
        "EventId": str(uuid.uuid4()),
        "Source": "aws.events",
        "DetailType": "Scheduled Event",
        "Detail": "{}",
        "EventBusName": rule.get("EventBusName", "default"),
        "Time": int(time.astimezone(UTC).timestamp()),
        "Resources": [rule["Arn"]],
        "Account": account_id,
        "Region": region,
    }

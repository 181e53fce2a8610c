"""Publish metrics to CloudWatch, and events to EventBridge."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from server_certificate.contract.renewal import EVENT_SOURCE, METRIC_NAMESPACE, Dimension
from server_certificate_handler.renewal.failures import UnpublishedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from server_certificate_handler.renewal.calls import Calls
    from server_certificate_handler.renewal.reports import Report
    from server_certificate_handler.renewal.watch import Measurement

_MAX_ENTRIES = 10
"""The maximum of Entries (EventBridge API reference, PutEvents)."""


class MetricsClient(Protocol):
    """The client of CloudWatch."""

    put_metric_data: Callable[..., object]


class EventsClient(Protocol):
    """The client of EventBridge."""

    put_events: Callable[..., Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Publishes what a run has found out."""

    cloudwatch: Callable[[], MetricsClient]
    eventbridge: Callable[[], EventsClient]
    calls: Calls
    stack_name: str

    def measure(self, measurements: Sequence[Measurement], now: datetime) -> None:
        """
        Publish metrics.

        Raises:
            CallError: CloudWatch doesn't accept them.
        """
        if not measurements:
            return
        data = [
            {
                "MetricName": each.metric.value,
                "Dimensions": [
                    {"Name": Dimension.STACK_NAME.value, "Value": self.stack_name},
                    {"Name": Dimension.CONSTRUCT_PATH.value, "Value": each.path},
                ],
                "Timestamp": now,
                "Value": each.value,
            }
            for each in measurements
        ]
        # One call takes 1,000 metrics (CloudWatch API reference, PutMetricData).
        self.calls.call(
            "cloudwatch:PutMetricData",
            METRIC_NAMESPACE,
            lambda: self.cloudwatch().put_metric_data(Namespace=METRIC_NAMESPACE, MetricData=data),
        )

    def report(self, reports: Sequence[Report]) -> None:
        """
        Send events to the default event bus.

        Raises:
            CallError: EventBridge answered with an error.
            UnpublishedError: EventBridge didn't accept an event.
        """
        for start in range(0, len(reports), _MAX_ENTRIES):
            entries = [_entry(report) for report in reports[start : start + _MAX_ENTRIES]]
            answer = self.calls.call("events:PutEvents", "default", partial(self._put, entries))
            refused = [entry for entry in answer.get("Entries", []) if entry.get("ErrorCode")]
            if refused:
                raise UnpublishedError(
                    f"EventBridge didn't accept {len(refused)} of {len(entries)} events:"
                    f" {refused[0]['ErrorCode']}: {refused[0].get('ErrorMessage', '')}"
                )

    def _put(self, entries: list[dict[str, object]]) -> Mapping[str, Any]:
        return self.eventbridge().put_events(Entries=entries)


def _entry(report: Report) -> dict[str, object]:
    return {
        "Source": EVENT_SOURCE,
        "DetailType": report.detail_type.value,
        "Resources": list(report.resources),
        "Detail": json.dumps(report.detail),
    }

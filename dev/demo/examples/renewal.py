"""Waits for stacks that renew their certificates themselves, without the CDK CLI."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from dev.demo.facts import Outcome

if TYPE_CHECKING:
    from dev.demo.examples.observer import ExampleObserver, SeenStack
    from dev.demo.examples.scenarios import Example
    from local_cloud import LocalCloud

LONGEST_SECONDS: Final = 120.0
_PAUSE_SECONDS: Final = 0.5
_DONE: Final = "UPDATE_COMPLETE"
"""The status of a stack whose update is over, with its clean-up."""


def renewed(
    example: Example, before: tuple[SeenStack, ...], cloud: LocalCloud, observer: ExampleObserver
) -> Outcome:
    """
    Wait until an example's stacks have other certificates than before, and are at rest.

    Returns:
        An outcome like that of a command: its exit code is 1 if they don't in time.
    """
    end = time.monotonic() + LONGEST_SECONDS
    while True:
        statuses = [_status(cloud, place.name, place.region) for place in example.stacks]
        is_done = all(status == _DONE for status in statuses)
        if is_done and _ids(before).isdisjoint(_ids(observer.stacks(example))):
            return Outcome()
        if time.monotonic() > end:
            waited = f"After {LONGEST_SECONDS:g} s, the certificates are the same"
            return Outcome(exit_code=1, output=f"{waited}, and the stacks are {statuses}.")
        time.sleep(_PAUSE_SECONDS)


def _status(cloud: LocalCloud, stack: str, region: str) -> str:
    client: Any = cloud.client("cloudformation", region=region)
    status: str = client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    return status


def _ids(seen: tuple[SeenStack, ...]) -> frozenset[str]:
    return frozenset(each.certificate.certificate_id for each in seen if each.certificate)

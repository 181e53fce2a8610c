"""The EventBridge rule that runs the renewal function for the certificates of a secret."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import CfnResource

from server_certificate.contract.renewal import (
    CURRENT_LABEL,
    SCHEDULED_HOURS,
    SECRET_EVENT,
    SECRET_EVENT_SOURCE,
    RenewalInput,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from cdk_iam_server_certificate.renewal.member import Member
    from cdk_iam_server_certificate.renewal.secret import RenewalSecret

_PATHS: Final = {"trigger": "$.detail-type", "time": "$.time"}
"""What the input takes from the event, which is that of the secret or that of the schedule."""

_INPUT: Final = "Targets.0.InputTransformer.InputTemplate"
_MINUTES: Final = 60


class Rule:
    """
    A rule, whose input names the certificates that were added to it.

    Args:
        scope: The parent construct.
        construct_id: The id in the parent.
        name: The name of the rule.
        minute_of: A text that determines the minute of the schedule.
        function_arn: The renewal function.
        constants: What the input has besides the certificates.
        first: The first certificate.
        secret: The secret whose new versions run the function; None to run it on schedule only.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        minute_of: str,
        function_arn: str,
        constants: Mapping[str, str],
        first: Member,
        secret: RenewalSecret | None,
    ) -> None:
        self._constants = constants
        self._members = [first]
        transformer = {"InputPathsMap": _PATHS, "InputTemplate": self._input()}
        properties: dict[str, Any] = {
            "Name": name,
            "Description": "Runs the renewal of IAM server certificates",
            "ScheduleExpression": _schedule(minute_of),
            "State": "ENABLED",
            "Targets": [{"Arn": function_arn, "Id": "Renewal", "InputTransformer": transformer}],
        }
        if secret is not None:
            properties["EventPattern"] = _pattern(secret)
        self._resource = _RuleResource(
            scope, construct_id, type="AWS::Events::Rule", properties=properties
        )

    def add(self, member: Member) -> None:
        """Add a certificate."""
        self._members.append(member)
        # A value that the CDK asks for later would cost two calls to its process in each synthesis.
        self._resource.add_property_override(_INPUT, self._input())

    @property
    def members(self) -> tuple[Member, ...]:
        """The certificates of the rule."""
        return tuple(self._members)

    def _input(self) -> str:
        """Return the template of the function's input: JSON, with placeholders without quotes."""
        rest = {
            **self._constants,
            RenewalInput.CERTIFICATES.value: [each.rendered for each in self._members],
        }
        # EventBridge would read a construct's path with '<' as a placeholder.
        rendered = json.dumps(rest, separators=(",", ":")).replace("<", "\\u003c")
        return (
            f'{{"{RenewalInput.TRIGGER}":<trigger>,"{RenewalInput.TIME}":<time>,'
            f"{rendered.removeprefix('{')}"
        )


class _RuleResource(CfnResource):
    """
    The resource in the template.

    Importing ``aws_events`` would take a while. Our checks know the class without a call to the CDK.
    """


def _schedule(text: str) -> str:
    """Return the schedule. The minute depends on a text, so that not all accounts call AWS at once."""
    minute = int(hashlib.sha256(text.encode()).hexdigest(), 16) % _MINUTES
    return f"cron({minute} {','.join(map(str, SCHEDULED_HOURS))} * * ? *)"


def _pattern(secret: RenewalSecret) -> dict[str, Any]:
    own = secret.event_filter()
    return {
        "source": [SECRET_EVENT_SOURCE],
        "detail-type": [SECRET_EVENT],
        **own,
        "detail": {"labelUpdated": [CURRENT_LABEL], **own.get("detail", {})},
    }

"""The EventBridge rule that runs the renewal function for the certificates of a secret."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import jsii
from aws_cdk import CfnResource, IStringProducer, Lazy
from constructs import Construct

from server_certificate.contract.renewal import (
    CURRENT_LABEL,
    SCHEDULED_HOURS,
    SECRET_EVENT,
    SECRET_EVENT_SOURCE,
    RenewalInput,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cdk_iam_server_certificate.renewal.member import Member
    from cdk_iam_server_certificate.renewal.secret import RenewalSecret

_PATHS: Final = {"trigger": "$.detail-type", "time": "$.time"}
"""What the input takes from the event, which is that of the secret or that of the schedule."""

_MINUTES: Final = 60


class Rule(Construct):
    """
    A rule, whose input names the certificates that were added to it.

    Args:
        scope: The parent construct.
        construct_id: The id in the parent.
        name: The name of the rule.
        function_arn: The renewal function.
        constants: What the input has besides the certificates.
        secret: The secret whose new versions run the function; None to run it on schedule only.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        function_arn: str,
        constants: Mapping[str, str],
        secret: RenewalSecret | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._members: list[Member] = []
        self._constants = constants
        properties: dict[str, Any] = {
            "Name": name,
            "Description": "Runs the renewal of IAM server certificates",
            "ScheduleExpression": _schedule(self.node.path),
            "State": "ENABLED",
            "Targets": [
                {
                    "Arn": function_arn,
                    "Id": "Renewal",
                    "InputTransformer": {
                        "InputPathsMap": _PATHS,
                        "InputTemplate": Lazy.uncached_string(_Input(self)),
                    },
                }
            ],
        }
        if secret is not None:
            properties["EventPattern"] = _pattern(secret)
        # Importing aws_events would take a while, for one resource.
        CfnResource(self, "Resource", type="AWS::Events::Rule", properties=properties)

    def add(self, member: Member) -> None:
        """Add a certificate."""
        self._members.append(member)

    @property
    def members(self) -> tuple[Member, ...]:
        """The certificates of the rule."""
        return tuple(self._members)

    def input(self) -> str:
        """Return the template of the function's input: JSON, with placeholders without quotes."""
        constants = {
            **self._constants,
            RenewalInput.CERTIFICATES.value: [each.rendered for each in self._members],
        }
        # EventBridge would read a construct's path with '<' as a placeholder.
        rendered = json.dumps(constants, separators=(",", ":")).replace("<", "\\u003c")
        return (
            f'{{"{RenewalInput.TRIGGER}":<trigger>,"{RenewalInput.TIME}":<time>,'
            f"{rendered.removeprefix('{')}"
        )


@jsii.implements(IStringProducer)
class _Input:
    """The input of the function, which is rendered after all certificates are declared."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def produce(self, context: object) -> str:
        """Return the template of the input."""
        del context
        return self._rule.input()


def _schedule(path: str) -> str:
    """Return the schedule. The minute depends on the path, so that not all accounts call AWS at once."""
    minute = int(hashlib.sha256(path.encode()).hexdigest(), 16) % _MINUTES
    return f"cron({minute} {','.join(map(str, SCHEDULED_HOURS))} * * ? *)"


def _pattern(secret: RenewalSecret) -> dict[str, Any]:
    own = secret.event_filter()
    return {
        "source": [SECRET_EVENT_SOURCE],
        "detail-type": [SECRET_EVENT],
        **own,
        "detail": {"labelUpdated": [CURRENT_LABEL], **own.get("detail", {})},
    }

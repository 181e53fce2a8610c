"""
What the construct and the renewal function agree on: the input of the function, and what it publishes.

The input is constant except for its trigger, so the function keeps no state.
"""

from __future__ import annotations

from enum import StrEnum

VERSION_PATTERN = "^$|^[A-Za-z0-9-]{32,64}$"
"""
The values of the template's parameter: the ID of the secret's version, or nothing for AWSCURRENT.
Secrets Manager recommends a UUID for the ID (API reference, PutSecretValue, ClientRequestToken)."""

CHANGE_SET_PREFIX = "renewal-"
"""The beginning of the names of change sets and of the client request tokens. The version ID follows."""

MAX_CERTIFICATES = 10
"""How many certificates one input can have, so that it has at most `MAX_INPUT_LENGTH` characters."""

MAX_INPUT_LENGTH = 8192
"""In characters (EventBridge API reference, InputTransformer, InputTemplate)."""

DEFAULT_NOTICE_DAYS = 14
"""How many days before the end of the validity period a certificate is reported by default."""

DAILY_HOUR = 0
"""The scheduled run of this hour, in UTC, sends the events that are sent once a day."""

SCHEDULED_HOURS = (0, 6, 12, 18)
"""The hours of the scheduled runs, in UTC."""

METRIC_NAMESPACE = "IamServerCertificate"
EVENT_SOURCE = "cdk-iam-server-certificate"


class RenewalInput(StrEnum):
    """The fields of the function's input."""

    TRIGGER = "Trigger"
    """The ``detail-type`` of the event that triggered the run: that of the secret, or of the schedule."""

    TIME = "Time"
    """The time of that event, in ISO 8601 and UTC."""

    STACK = "Stack"
    """The ID (ARN) of the root stack."""

    SECRET = "Secret"  # noqa: S105 (the name of a field)
    """The ARN of the secret with the leaf; omitted if the leaf isn't in a secret."""

    PARAMETER = "Parameter"
    """The parameter of the root stack that names the secret's version; omitted without renewal."""

    ROLE = "Role"
    """The ARN of the role that CloudFormation assumes for renewals; omitted without renewal."""

    CERTIFICATES = "Certificates"
    """The certificates, each an object with the following fields."""

    PATH = "Path"
    """The path of the construct."""

    LOGICAL_ID = "LogicalId"
    """The logical ID of the custom resource."""

    NESTED_STACK = "NestedStack"
    """The ID (ARN) of the nested stack that contains it; omitted if the root stack does."""

    NOTICE_DAYS = "NoticeDays"
    """How many days before the end of the validity period it is reported."""


class Metric(StrEnum):
    """The metrics in ``METRIC_NAMESPACE``, with the dimensions of ``Dimension``."""

    DAYS_TO_EXPIRY = "DaysToExpiry"
    """The days until the validity period ends, named and counted like ACM's metric."""

    RENEWAL_LAG = "RenewalLagHours"
    """
    The hours since the secret got a version that the certificate doesn't come from; 0 if it comes
    from the current version."""


class Dimension(StrEnum):
    """The dimensions of the metrics. The name isn't one, because a renewal generates another name."""

    STACK_NAME = "StackName"
    """The name of the root stack."""

    CONSTRUCT_PATH = "ConstructPath"
    """The path of the construct."""


class DetailType(StrEnum):
    """The events from ``EVENT_SOURCE``, on the default event bus. Their resources are the certificates."""

    APPROACHING_EXPIRATION = "Server Certificate Approaching Expiration"
    """The validity period ends soon, or has ended. Sent once a day for each certificate."""

    RENEWAL_FAILED = "Server Certificate Renewal Failed"
    """A renewal was rolled back, or can't begin. Sent with each run until it is resolved."""

    RENEWAL_REFUSED = "Server Certificate Renewal Refused"
    """A renewal would have changed something else. Sent with each run until it is resolved."""


SECRET_EVENT_SOURCE = "aws.secretsmanager"  # noqa: S105 (the name of a service)
SECRET_EVENT = "Secret Label Updated"  # noqa: S105 (the name of an event)
"""
Secrets Manager's event about a version that got a staging label (Secrets Manager user guide, Match AWS
Secrets Manager events with Amazon EventBridge)."""

CURRENT_LABEL = "AWSCURRENT"
"""The staging label of the version that a renewal uses."""

RENEWAL_HANDLER = "server_certificate_handler.renewal.entry.on_event"
"""The handler of the renewal function, whose code is that of the other function."""

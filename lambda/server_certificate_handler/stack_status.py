"""Why a Delete comes: the stack's own status says so."""

from __future__ import annotations

import logging
from enum import Enum
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from types_boto3_cloudformation.client import CloudFormationClient

log = logging.getLogger(__name__)


class Occasion(Enum):
    """What CloudFormation is doing with the stack."""

    ROLLBACK = "rollback"
    """An update or a creation is being undone."""

    DELETION = "deletion"
    """The whole stack goes."""

    CLEAN_UP = "clean-up"
    """An update has succeeded, and what it replaced or removed goes."""

    UNKNOWN = "unknown"
    """The status cannot be read, or is another: the cautious reading applies."""


def occasion(stack_id: str, *, cloudformation: CloudFormationClient) -> Occasion:
    """Read the status of a stack; a failure to do so is an answer, too, and stops nothing."""
    try:
        status = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]
    except (BotoCoreError, ClientError, LookupError) as err:
        log.warning({"decision": "go on without the stack's status", "error": type(err).__name__})
        return Occasion.UNKNOWN
    for part, meaning in (
        ("ROLLBACK", Occasion.ROLLBACK),
        ("CLEANUP", Occasion.CLEAN_UP),
        ("DELETE_", Occasion.DELETION),
    ):
        if part in status:
            return meaning
    return Occasion.UNKNOWN

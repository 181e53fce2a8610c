"""
Answers a custom resource's event: the module that CloudFormation adds to inline Python functions.

Its interface is AWS's (CloudFormation User Guide, "cfn-response module").
"""

import json
import urllib.request
from typing import Any

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(  # noqa: PLR0917 - AWS's signature, with AWS's names
    event: dict[str, Any],
    context: Any,  # noqa: ANN401 - Lambda's
    responseStatus: str,  # noqa: N803 - as above
    responseData: dict[str, Any] | None,  # noqa: N803 - as above
    physicalResourceId: str | None = None,  # noqa: N803 - as above
    noEcho: bool = False,  # noqa: FBT001, FBT002, N803 - as above
    reason: str | None = None,
) -> None:
    """
    Send the answer.

    Args:
        event: The event.
        context: The context that Lambda passed with it.
        responseStatus: ``SUCCESS`` or ``FAILED``.
        responseData: The attributes, for ``Fn::GetAtt``.
        physicalResourceId: The physical id; default: the name of the log stream.
        noEcho: Whether CloudFormation masks the attributes.
        reason: The reason; default: where the log is.
    """
    stream = context.log_stream_name
    answer = {
        "Status": responseStatus,
        "Reason": reason or f"See the details in CloudWatch Log Stream: {stream}",
        "PhysicalResourceId": physicalResourceId or stream,
        **{key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")},
        "NoEcho": noEcho,
        "Data": responseData,
    }
    request = urllib.request.Request(  # noqa: S310 - CloudFormation's URL
        event["ResponseURL"],
        data=json.dumps(answer).encode(),
        headers={"Content-Type": ""},
        method="PUT",
    )
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310 - as above
            print("The answer was sent to CloudFormation. Status code:", response.status)  # noqa: T201 - into the log
    except OSError as error:
        # As AWS's module, it doesn't raise: the function goes on.
        print("The answer couldn't be sent to CloudFormation:", error)  # noqa: T201 - into the log

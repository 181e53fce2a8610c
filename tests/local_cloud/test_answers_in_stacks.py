"""What stacks show of the answers of custom resources."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from support.inline_functions import ANSWERING, Stack, create_function

if TYPE_CHECKING:
    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud

DATA = {"Secret": "s3cret", "Number": 1, "List": ["a", "b"]}


def custom_resource(
    function_arn: str, answer: dict[str, Any], **properties: object
) -> dict[str, Any]:
    """Return a resource whose function answers this to Create and Update."""
    return {
        "Type": "Custom::Answered",
        "Properties": {
            "ServiceToken": function_arn,
            "ServiceTimeout": 60,
            "Answer": json.dumps(answer),
            **properties,
        },
    }


def parameter(value: object) -> dict[str, Any]:
    """Return a resource with this value."""
    return {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Type": "String", "Name": "p", "Value": value},
    }


def test_refused_answers_fail_the_resource(cloud: LocalCloud) -> None:
    """The status reason is CloudFormation's; an answer to something else is waited out."""
    function_arn = create_function(cloud, "f", ANSWERING)
    reasons = {
        "too-long": ({"Reason": "x" * 4096}, r"Response object is too long\."),
        "no-id": ({"PhysicalResourceId": ""}, "Invalid PhysicalResourceId"),
        "status": (
            {"Status": "DONE"},
            "Invalid Response object: 'DONE' is not a valid ResponseStatus",
        ),
        "failed": (
            {"Status": "FAILED", "Reason": "no way"},
            (
                r"Received response status \[FAILED\] from custom resource\. "
                r"Message returned: no way \(RequestId: [0-9a-f-]{36}\)"
            ),
        ),
        "foreign": (
            {"RequestId": "other"},
            (
                r"CloudFormation did not receive a response from your Custom Resource\. "
                r"Please check your logs for requestId \[[0-9a-f-]{36}\]\. If you are using .*"
            ),
        ),
    }
    for name, (answer, _) in reasons.items():
        timeout = 5 if name == "foreign" else 60
        resource = custom_resource(function_arn, answer, ServiceTimeout=timeout)
        Stack(cloud, name).start_to_create({"Resources": {"R": resource}}, OnFailure="DO_NOTHING")
    for name, (_, expected) in reasons.items():
        stack = Stack(cloud, name)
        assert stack.rest() == "CREATE_FAILED"
        assert re.fullmatch(expected, stack.reason("R"))


def test_values_of_an_answer(cloud: LocalCloud) -> None:
    """Attributes are text; with NoEcho outputs don't show them; a missing one fails what needs it."""
    function_arn = create_function(cloud, "f", ANSWERING)
    secret = {"Fn::GetAtt": "R.Secret"}
    outputs = {
        "Secret": {"Value": secret},
        "Number": {"Value": {"Fn::GetAtt": "R.Number"}},
        "List": {"Value": {"Fn::Join": ["+", {"Fn::GetAtt": "R.List"}]}},
    }
    template = {
        "Resources": {"R": custom_resource(function_arn, {"Data": DATA}), "P": parameter(secret)},
        "Outputs": outputs,
    }
    stack = Stack(cloud)
    assert stack.create(template) == "CREATE_COMPLETE"
    assert shown(stack) == {"Secret": "s3cret", "Number": "1", "List": "a+b"}

    resource = custom_resource(function_arn, {"Data": DATA | {"Secret": "new"}, "NoEcho": True})
    masked = {
        "Resources": {"R": resource, "P": parameter(secret)},
        "Outputs": {"Secret": {"Value": {"Fn::Sub": "is ${R.Secret}"}}},
    }
    assert stack.update(masked) == "UPDATE_COMPLETE"
    assert shown(stack) == {"Secret": "is *****"}
    assert cloud.client("ssm").get_parameter(Name="p")["Parameter"]["Value"] == "new"

    incomplete = {
        "Resources": {"R": custom_resource(function_arn, {}), "P": parameter(secret)},
    }
    assert stack.update(incomplete) == "UPDATE_ROLLBACK_COMPLETE"
    assert re.fullmatch(
        r"CustomResource attribute error: Vendor response doesn't contain Secret attribute in object "
        r"arn:aws:cloudformation:[^|]+\|R\|[0-9a-f-]{36}",
        stack.reason("P"),
    )


def shown(stack: Stack) -> dict[str, str]:
    """Return the outputs that DescribeStacks shows."""
    return {output["OutputKey"]: output["OutputValue"] for output in stack.described()["Outputs"]}

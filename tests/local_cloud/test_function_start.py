"""Functions that can't start: what the caller, the log and a stack show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.inline_functions import Stack, create_function

if TYPE_CHECKING:
    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud

IMPORTS_NOTHING = "import nothing_there\n"


def log_of(cloud: LocalCloud, name: str) -> list[str]:
    """Return the lines that a function's log has between START and END."""
    events = cloud.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    lines = [event["message"] for event in events]
    return lines[1 : next(place for place, line in enumerate(lines) if line.startswith("END "))]


def test_errors_of_the_start(cloud: LocalCloud) -> None:
    """The caller gets Lambda's error, and the log has it with its stack trace."""
    functions = cloud.client("lambda")
    traceback = "Traceback (most recent call last):"
    for name, code, handler, error, trace in (
        (
            "imports",
            IMPORTS_NOTHING,
            "index.handler",
            (
                "Runtime.ImportModuleError",
                "Unable to import module 'index': No module named 'nothing_there'",
            ),
            [],
        ),
        (
            "syntax",
            "def x(:\n",
            "index.handler",
            (
                "Runtime.UserCodeSyntaxError",
                "Syntax error in module 'index': invalid syntax (index.py, line 1)",
            ),
            ['  File "/var/task/index.py" Line 1', "    def x(:"],
        ),
        (
            "no-handler",
            "import json\n",
            "index.handler",
            ("Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'"),
            [],
        ),
        (
            "no-dot",
            "import json\n",
            "index",
            (
                "Runtime.MalformedHandlerName",
                "Bad handler 'index': not enough values to unpack (expected 2, got 1)",
            ),
            [],
        ),
        (
            "raises",
            "import json\njson.loads\n1 / 0\n",
            "index.handler",
            ("ZeroDivisionError", "division by zero"),
            ['  File "/var/task/index.py", line 3, in <module>', "    1 / 0"],
        ),
    ):
        create_function(cloud, name, code, handler=handler)
        invoked = functions.invoke(FunctionName=name)
        payload: dict[str, Any] = json.loads(invoked["Payload"].read())
        assert invoked["FunctionError"] == "Unhandled"
        assert (payload["errorType"], payload["errorMessage"]) == error
        lines = [line for line in log_of(cloud, name) if "~~^~~" not in line]
        assert lines == [f"[ERROR] {': '.join(error)}", traceback, *trace]


def test_a_function_that_exits(cloud: LocalCloud) -> None:
    """What it wrote before is in the log too."""
    create_function(cloud, "exits", "print('before')\nraise SystemExit(3)\n")
    payload = json.loads(cloud.client("lambda").invoke(FunctionName="exits")["Payload"].read())
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith(" Error: Runtime exited with error: exit status 3")
    assert log_of(cloud, "exits") == ["before", payload["errorMessage"], "Runtime.ExitError"]


def test_a_custom_resource_whose_function_cant_start(cloud: LocalCloud) -> None:
    """It fails without another attempt, and without waiting for its time-out."""
    function_arn = create_function(cloud, "never-starts", IMPORTS_NOTHING)
    resource = {"Type": "Custom::Unstarted", "Properties": {"ServiceToken": function_arn}}
    stack = Stack(cloud)
    assert stack.create({"Resources": {"R": resource}}, OnFailure="DO_NOTHING") == "CREATE_FAILED"
    assert stack.reason("R") == (
        "The function never-starts can't start: Runtime.ImportModuleError: Unable to import module 'index': "
        "No module named 'nothing_there'. See the log group /aws/lambda/never-starts."
    )
    events = cloud.client("logs").filter_log_events(logGroupName="/aws/lambda/never-starts")
    starts = [each for each in events["events"] if each["message"].startswith("START RequestId")]
    assert len(starts) == 1

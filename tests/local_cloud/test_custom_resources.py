"""Custom resources: events are delivered as Lambda's asynchronous invocation delivers them."""

from __future__ import annotations

import io
import json
import re
import textwrap
import time
import zipfile
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from local_cloud import Fault
from support.waiting import wait_for

if TYPE_CHECKING:
    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud

ROLE_ARN = "arn:aws:iam::111122223333:role/r"

UNANSWERED = "6"
"""ServiceTimeout, in seconds, of what isn't answered: its Delete has as many to be answered in."""

# Each call leaves a line that tells event and attempt: the log of the function is the test's eye.
FUNCTION = """
    import json, os, urllib.request
    import boto3

    # A function that is killed loses this, too: each attempt after that is a cold start.
    iam = boto3.client("iam")

    def handler(event, context):
        stack = boto3.client("cloudformation").describe_stacks(StackName=event["StackId"])
        status = stack["Stacks"][0]["StackStatus"]
        notes = boto3.client("ssm")
        notes.put_parameter(
            Name="/notes/" + context.aws_request_id,
            Type="String",
            Value=json.dumps(
                [
                    event["RequestType"],
                    event["RequestId"],
                    status,
                    event.get("PhysicalResourceId", ""),
                ]
            ),
        )
        properties = event["ResourceProperties"]
        creates = event["RequestType"] == "Create"
        if creates and properties.get("Raise"):
            raise RuntimeError("raised")
        if creates and properties.get("Exit"):
            os._exit(1)
        iam.list_server_certificates()
        answer = {
            "Status": properties.get("Create", "SUCCESS") if creates else "SUCCESS",
            "Reason": "wanted",
            "PhysicalResourceId": properties.get("Id", "id"),
            "Data": {},
        }
        for name in ("StackId", "RequestId", "LogicalResourceId"):
            answer[name] = event[name]
        request = urllib.request.Request(
            event["ResponseURL"], data=json.dumps(answer).encode(), method="PUT"
        )
        urllib.request.urlopen(request).read()
        if properties.get("RaiseLater"):
            raise RuntimeError("raised after the answer")
"""


class Note(NamedTuple):
    """What the function saw at one of its invocations."""

    request_type: str
    request_id: str
    stack_status: str
    physical_id: str


class Stack:
    """A stack of one custom resource, whose function notes each of its invocations."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self._stacks = cloud.client("cloudformation")
        self._notes = cloud.client("ssm")
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.py", textwrap.dedent(FUNCTION))
        self.functions = cloud.client("lambda")
        self._function_arn = self.functions.create_function(
            FunctionName="f",
            Runtime="python3.13",
            Handler="index.handler",
            Timeout=20,
            Role=ROLE_ARN,
            Code={"ZipFile": code.getvalue()},
        )["FunctionArn"]

    def deploy(self, **properties: str) -> str:
        """Create or update the stack; return the status in which it rests."""
        self.start(**properties)
        return self.rest()

    def start(self, **properties: str) -> None:
        """Begin to create or update the stack."""
        resource = {
            "Type": "Custom::Noted",
            "Properties": {
                "ServiceToken": self._function_arn,
                "ServiceTimeout": 60,
                **properties,
            },
        }
        parameters = {
            "StackName": "s",
            "TemplateBody": json.dumps({"Resources": {"R": resource}}),
        }
        if self._stacks.list_stacks()["StackSummaries"]:
            self._stacks.update_stack(**parameters)
        else:
            self._stacks.create_stack(**parameters)

    def rest(self) -> str:
        """Wait until the stack rests; return its status."""
        return wait_for(self._status, lambda status: not status.endswith("IN_PROGRESS"))

    def notes(self, *, expected: int) -> list[Note]:
        """Wait for a number of invocations, and for no more; return what each noted, in order."""
        wait_for(self._found, lambda found: len(found) >= expected)
        time.sleep(0.3)
        return self._found()

    def _status(self) -> str:
        return str(self._stacks.describe_stacks(StackName="s")["Stacks"][0]["StackStatus"])

    def _found(self) -> list[Note]:
        found = self._notes.get_parameters_by_path(Path="/notes/")["Parameters"]
        found.sort(key=lambda parameter: parameter["LastModifiedDate"])
        return [Note(*json.loads(parameter["Value"])) for parameter in found]


@pytest.fixture
def stack(cloud: LocalCloud) -> Stack:
    """Return a stack that isn't created yet."""
    return Stack(cloud)


def test_a_function_is_told_from_others(stack: Stack) -> None:
    """Its calls are counted as a function's, its answer is one, and the test's aren't."""
    assert stack.deploy() == "CREATE_COMPLETE"
    assert stack.cloud.calls("function") == {
        "DescribeStacks": 1,
        "PutParameter": 1,
        "ListServerCertificates": 1,
        "Answer": 1,
    }
    everybodys = stack.cloud.calls()
    assert everybodys["CreateStack"] == 1
    assert everybodys["DescribeStacks"] > 1


@pytest.mark.parametrize(
    ("action", "kind"), [("ListServerCertificates", "kill"), ("PutParameter", "kill-after")]
)
def test_a_killed_function_is_tried_again(
    stack: Stack,
    action: str,
    kind: Any,  # noqa: ANN401 - a literal, given as a string here
) -> None:
    """The same event comes again, and the stack ends as if nothing had happened."""
    with stack.cloud.knobs(faults=[Fault(action, kind, nth=1)]):
        assert stack.deploy() == "CREATE_COMPLETE"
    assert stack.cloud.calls("function")[action] == 2
    assert stack.cloud.calls("function")["Answer"] == 1
    first, second = stack.notes(expected=2)
    assert first == second


def test_a_function_is_tried_three_times(stack: Stack) -> None:
    """Whatever ends it, Lambda tries twice more, also when CloudFormation doesn't wait for it."""
    assert stack.deploy(Raise="yes", ServiceTimeout=UNANSWERED) == "ROLLBACK_COMPLETE"
    notes = stack.notes(expected=4)
    creates = [note.request_id for note in notes if note.request_type == "Create"]
    assert creates == [creates[0]] * 3
    # It heard nothing of the resource, so it makes up an id.
    (invented,) = (note.physical_id for note in notes if note.request_type == "Delete")
    assert re.fullmatch(r"s-R-[0-9A-F]{12}", invented)


def test_a_functions_retries_can_be_set(stack: Stack) -> None:
    """MaximumRetryAttempts of the function is obeyed."""
    stack.functions.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0)
    assert stack.deploy(Exit="yes", ServiceTimeout=UNANSWERED) == "ROLLBACK_COMPLETE"
    assert [note.request_type for note in stack.notes(expected=2)] == ["Create", "Delete"]


def test_what_wasnt_created_is_deleted(stack: Stack) -> None:
    """A Create that failed is followed by a Delete with the id that it answered."""
    assert stack.deploy(Create="FAILED", Id="not-created") == "ROLLBACK_COMPLETE"
    delete = stack.notes(expected=2)[1]
    assert delete.request_type == "Delete"
    assert delete.stack_status == "ROLLBACK_IN_PROGRESS"
    assert delete.physical_id == "not-created"


def test_an_answer_ends_the_attempts(stack: Stack) -> None:
    """A function that fails after its answer isn't tried again."""
    assert stack.deploy(RaiseLater="yes") == "CREATE_COMPLETE"
    time.sleep(1.2)
    assert len(stack.notes(expected=1)) == 1


def test_a_lost_answer_counts(stack: Stack) -> None:
    """CloudFormation has it although the function doesn't know, and takes no second one."""
    with stack.cloud.knobs(faults=[Fault("Answer", "lose-answer", nth=1)]):
        assert stack.deploy() == "CREATE_COMPLETE"
    assert len(stack.notes(expected=1)) == 1


def test_an_answer_that_doesnt_arrive_is_given_again(stack: Stack) -> None:
    """Without an answer, the function fails and is tried again."""
    with stack.cloud.knobs(faults=[Fault("Answer", "reset", nth=1)]):
        assert stack.deploy() == "CREATE_COMPLETE"
    assert len(stack.notes(expected=2)) == 2


def test_events_can_come_twice(stack: Stack) -> None:
    """The next events are delivered once more when the first delivery is over."""
    with stack.cloud.knobs(duplicate_events=1):
        assert stack.deploy() == "CREATE_COMPLETE"
        notes = stack.notes(expected=2)
        assert [note.request_type for note in notes] == ["Create", "Create"]
        assert notes[0].request_id == notes[1].request_id
        assert stack.deploy(Other="yes") == "UPDATE_COMPLETE"
        assert len(stack.notes(expected=3)) == 3


def test_the_stack_says_why_a_resource_is_deleted(stack: Stack) -> None:
    """A function sees by the stack's status that its update is over and old things go."""
    assert stack.deploy(Id="one") == "CREATE_COMPLETE"
    assert stack.deploy(Id="two") == "UPDATE_COMPLETE"
    assert [note[::2] for note in stack.notes(expected=3)] == [
        ("Create", "CREATE_IN_PROGRESS"),
        ("Update", "UPDATE_IN_PROGRESS"),
        ("Delete", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
    ]


def test_a_reset_ends_the_attempts(stack: Stack) -> None:
    """A function that fails isn't tried again in a cloud that was emptied meanwhile."""
    stack.start(Raise="yes", ServiceTimeout=UNANSWERED)
    stack.notes(expected=1)
    stack.cloud.reset()
    time.sleep(1.5)
    assert stack.cloud.calls("function") == {}

"""EventBridge's rules with functions as targets, as the CDK's Rule and LambdaFunction make them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from local_cloud.control import SCHEDULES_PATH, ScheduleError, control
from local_cloud.knobs import Knobs
from local_cloud.switchboard import Switchboard
from support.deployed_stacks import TRUST
from support.principals import ACCOUNT, client_of
from support.template_stacks import TemplateStack
from support.waiting import wait_for

if TYPE_CHECKING:
    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud

RULE_ARN = f"arn:aws:events:eu-central-1:{ACCOUNT}:rule/r"
FUNCTION = """
def handler(event, context):
    print("EVENT", __import__("json").dumps(event))
    if event["Fails"]:
        raise RuntimeError("wanted")
"""
PATTERN = {
    "source": ["aws.secretsmanager"],
    "detail-type": ["Secret Label Updated"],
    "detail": {"labelUpdated": ["AWSCURRENT"]},
}


def resources(*, fails: bool = False, permission: bool = True, **rule: object) -> dict[str, Any]:
    """Return a rule ``r`` with a pattern and a schedule, and its function ``f``."""
    transformer = {
        "InputPathsMap": {"detail-type": "$.detail-type", "time": "$.time"},
        "InputTemplate": (
            f'{{"Trigger":<detail-type>,"Time":<time>,"Fails":{str(fails).lower()},'
            '"Rule":<aws.events.rule-arn>}'
        ),
    }
    arn = {"Fn::GetAtt": ["Function", "Arn"]}
    made: dict[str, Any] = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "f",
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"ZipFile": FUNCTION},
            },
        },
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": "r",
                "EventPattern": PATTERN,
                "ScheduleExpression": "cron(17 0,6,12,18 * * ? *)",
                "State": "ENABLED",
                "Targets": [{"Arn": arn, "Id": "Target0", "InputTransformer": transformer}],
                **rule,
            },
        },
    }
    if permission:
        made["Permission"] = {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": arn,
                "Principal": "events.amazonaws.com",
                "SourceArn": {"Fn::GetAtt": ["Rule", "Arn"]},
            },
        }
    return made


@pytest.fixture
def cloud(guarded_cloud: LocalCloud) -> LocalCloud:
    """Return an empty cloud that enforces policies."""
    guarded_cloud.reset()
    return guarded_cloud


def events(cloud: LocalCloud) -> list[dict[str, Any]]:
    """Return the events that the function got, from its log group."""
    logs = client_of(cloud, "logs")
    if not logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/f")["logGroups"]:
        return []
    found = logs.filter_log_events(logGroupName="/aws/lambda/f")["events"]
    lines = [line for each in found for line in each["message"].splitlines()]
    return [json.loads(line.removeprefix("EVENT ")) for line in lines if line.startswith("EVENT ")]


def test_a_schedule_is_fired_when_a_test_wants_it(cloud: LocalCloud) -> None:
    """The event has the given time, and the type of scheduled events."""
    assert TemplateStack(cloud).deploy(resources()) == "CREATE_COMPLETE"

    cloud.fire_schedule(RULE_ARN, at=datetime(2030, 1, 2, 0, 17, tzinfo=UTC))

    assert wait_for(lambda: events(cloud), bool) == [
        {
            "Trigger": "Scheduled Event",
            "Time": "2030-01-02T00:17:00Z",
            "Fails": False,
            "Rule": RULE_ARN,
        }
    ]


def test_the_same_rule_gets_the_events_of_its_pattern(cloud: LocalCloud) -> None:
    """Secrets Manager sends one for a new version of a secret, with the time in ISO 8601."""
    TemplateStack(cloud).deploy(resources())
    secrets = client_of(cloud, "secretsmanager")
    secrets.create_secret(Name="a")
    before = datetime.now(UTC).replace(microsecond=0)

    secrets.put_secret_value(SecretId="a", SecretString="a")

    (event,) = wait_for(lambda: events(cloud), bool)
    assert event["Trigger"] == "Secret Label Updated"
    assert before <= datetime.fromisoformat(event["Time"]) <= before + timedelta(minutes=1)


def test_a_function_that_fails_is_invoked_twice_more(cloud: LocalCloud) -> None:
    """As Lambda does for each asynchronous invocation."""
    TemplateStack(cloud).deploy(resources(fails=True))

    cloud.fire_schedule(RULE_ARN)

    wait_for(lambda: len(events(cloud)), lambda count: count == 3)
    time.sleep(0.5)
    assert len(events(cloud)) == 3


def test_a_function_must_permit_the_rule(cloud: LocalCloud) -> None:
    """Without the permission, EventBridge doesn't invoke it."""
    TemplateStack(cloud).deploy(resources(permission=False))
    cloud.fire_schedule(RULE_ARN)
    TemplateStack(cloud).deploy(resources())
    cloud.fire_schedule(RULE_ARN, at=datetime(2030, 1, 1, tzinfo=UTC))

    assert [each["Time"] for each in wait_for(lambda: events(cloud), bool)] == [
        "2030-01-01T00:00:00Z"
    ]


def test_only_the_schedule_of_an_enabled_rule_is_fired(cloud: LocalCloud) -> None:
    """The refusal says why."""
    with pytest.raises(ScheduleError, match=f"There is no rule {RULE_ARN}"):
        cloud.fire_schedule(RULE_ARN)
    client = client_of(cloud, "events")
    client.put_rule(Name="r", EventPattern=json.dumps(PATTERN))
    with pytest.raises(ScheduleError, match="has no schedule"):
        cloud.fire_schedule(RULE_ARN)
    client.put_rule(Name="r", ScheduleExpression="rate(1 hour)", State="DISABLED")
    with pytest.raises(ScheduleError, match="is disabled"):
        cloud.fire_schedule(RULE_ARN)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"rule": 1}',
        b'{"rule": "r", "time": 1}',
        b'{"rule": "r", "time": "noon"}',
        b'{"rule": "r", "time": "2030-01-01T00:00:00"}',
    ],
)
def test_a_malformed_request_is_refused(body: bytes) -> None:
    """The rule is required, and a time needs a time zone."""

    def fire(rule_arn: str, time: datetime) -> None:
        raise AssertionError(rule_arn, time)

    status, content = control("POST", SCHEDULES_PATH, "", body, Switchboard(Knobs()), fire)

    assert status == HTTPStatus.BAD_REQUEST
    assert content["message"].startswith("The body must be a JSON object with rule")


def test_the_events_of_a_secret(cloud: LocalCloud) -> None:
    """They name what got which label. No label moves in a new secret, or to a pending version."""
    sqs, rules, secrets = (client_of(cloud, each) for each in ("sqs", "events", "secretsmanager"))
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    rules.put_rule(Name="r", EventPattern=json.dumps({"source": ["aws.secretsmanager"]}))
    target = {"Id": "q", "Arn": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:q"}
    rules.put_targets(Rule="r", Targets=[target])

    created = secrets.create_secret(Name="a", SecretString="a")
    first = created["VersionId"]
    second = secrets.put_secret_value(SecretId="a", SecretString="b")["VersionId"]
    secrets.update_secret_version_stage(
        SecretId="a",
        VersionStage="AWSCURRENT",
        MoveToVersionId=first,
        RemoveFromVersionId=second,
    )
    secrets.put_secret_value(SecretId="a", SecretString="c", VersionStages=["AWSPENDING"])

    received = [
        json.loads(message["Body"])
        for _ in range(4)
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    ]
    assert {each["detail-type"] for each in received} == {"Secret Label Updated"}
    assert [each["resources"] for each in received] == [[created["ARN"]]] * 2
    assert [each["detail"] for each in received] == [
        {"name": "a", "labelUpdated": "AWSCURRENT", "versionId": version}
        for version in (second, first)
    ]

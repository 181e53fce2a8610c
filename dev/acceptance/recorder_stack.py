"""The stack of the recorder: the function, its role and its log."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dev.acceptance.account import Account
    from dev.acceptance.run import Run

# No ResponseURL: it is a credential.
_CODE: Final = """
    import json, sys, time, urllib.request
    import boto3
    from botocore.config import Config

    retries = {"mode": "standard", "total_max_attempts": 10}
    cloudformation = boto3.client("cloudformation", config=Config(retries=retries))

    def seen(name):
        for pause in (1, 2, 4, 8):
            try:
                return looked(name)
            except Exception:
                # A new policy isn't in force everywhere at once.
                time.sleep(pause)
        return looked(name)

    def looked(name):
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        listed = cloudformation.list_stack_resources(StackName=name)["StackResourceSummaries"]
        updated = stack.get("LastUpdatedTime")
        return {
            "status": stack["StackStatus"],
            "last_updated": updated and updated.isoformat(),
            "operations": [each["OperationType"] for each in stack.get("LastOperations", [])],
            "resources": {
                each["LogicalResourceId"]: each.get("PhysicalResourceId", "")
                + " " + each["ResourceStatus"]
                for each in listed
            },
        }

    def runtime():
        iam = boto3.client("iam").meta.method_to_api_mapping
        return {
            "python": sys.version.split()[0],
            "boto3": boto3.__version__,
            "iam_actions": len([name for name in iam if "server_certificate" in name]),
        }

    def handler(event, context):
        if "Check" in event:
            looked(event["Check"])
            print("READY")
            return runtime()
        kind, wanted = event["RequestType"], event["ResourceProperties"]
        known = event.get("PhysicalResourceId", "")
        fails = kind in wanted.get("FailOn", [])
        answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
        answer["Status"] = "FAILED" if fails else "SUCCESS"
        answer["Reason"] = "It was asked to fail."
        answer["PhysicalResourceId"] = known if known and (fails or kind == "Delete") else wanted["Id"]
        record = {
            "event": kind,
            "logical_id": event["LogicalResourceId"],
            "physical_id": known,
            "id": wanted.get("Id", ""),
            "old_id": event.get("OldResourceProperties", {}).get("Id", ""),
            "stack": event["StackId"],
            "answered": answer["Status"] + " " + answer["PhysicalResourceId"],
        }
        try:
            record |= seen(event["StackId"])
        except Exception as error:
            record["error"] = str(error)
        print("RECORD " + json.dumps(record))
        put = urllib.request.Request(
            event["ResponseURL"], data=json.dumps(answer).encode(), method="PUT",
            headers={"Content-Type": ""},
        )
        urllib.request.urlopen(put).read()
"""


def recorder_template(account: Account, run: Run) -> dict[str, Any]:
    """Return the template; its outputs are the function and its log group."""
    arn = f"arn:{account.partition}"
    return {
        "Resources": {
            "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 1}},
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": run.name("recorder"),
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "lambda.amazonaws.com"},
                                "Action": "sts:AssumeRole",
                            }
                        ],
                    },
                    "Policies": [
                        {
                            "PolicyName": "record",
                            "PolicyDocument": {
                                "Version": "2012-10-17",
                                "Statement": [
                                    {
                                        "Effect": "Allow",
                                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                                        "Resource": {"Fn::GetAtt": ["Logs", "Arn"]},
                                    },
                                    {
                                        "Effect": "Allow",
                                        "Action": [
                                            "cloudformation:DescribeStacks",
                                            "cloudformation:ListStackResources",
                                        ],
                                        "Resource": f"{arn}:cloudformation:{account.region}"
                                        f":{account.account_id}:stack/{run.prefix}*",
                                    },
                                ],
                            },
                        }
                    ],
                },
            },
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Runtime": "python3.13",
                    "Handler": "index.handler",
                    "Timeout": 60,
                    "MemorySize": 256,
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "LoggingConfig": {"LogGroup": {"Ref": "Logs"}},
                    "Code": {"ZipFile": textwrap.dedent(_CODE).strip() + "\n"},
                },
            },
        },
        "Outputs": {
            "FunctionArn": {"Value": {"Fn::GetAtt": ["Function", "Arn"]}},
            "LogGroup": {"Value": {"Ref": "Logs"}},
        },
    }

"""Inline functions: the module for answers, and what Node.js functions find of the AWS SDK."""

from __future__ import annotations

import io
import json
import shutil
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.template_stacks import TemplateStack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud

needs_node = pytest.mark.skipif(
    not (shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")),
    reason="there is no Node.js",
)

ROLE_ARN = "arn:aws:iam::111122223333:role/r"

PYTHON = """
    import cfnresponse

    def handler(event, context):
        given = event["ResourceProperties"]
        status = cfnresponse.SUCCESS
        if given.get("Fails") and event["RequestType"] != "Delete":
            status = cfnresponse.FAILED
        cfnresponse.send(
            event, context, status, {"Color": "red"}, given.get("Id"), reason=given.get("Reason")
        )
"""

NODE = """
    const response = require("cfn-response");

    exports.handler = (event, context) => {
      const given = event.ResourceProperties;
      const fails = given.Fails && event.RequestType !== "Delete";
      const status = fails ? response.FAILED : response.SUCCESS;
      response.send(event, context, status, { Color: "red" }, given.Id);
    };
"""

IAM_SENTENCE = (
    "@aws-sdk/client-iam is part of Lambda's Node.js runtimes, and the local cloud doesn't have it. "
    "Bundle the package with the function, or put it into a layer."
)


@pytest.fixture
def stack(cloud: LocalCloud) -> TemplateStack:
    """Return a stack that isn't created yet."""
    return TemplateStack(cloud)


def inline(code: str, runtime: str = "python3.13") -> dict[str, Any]:
    """Return a function with its code in the template."""
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": runtime,
            "Handler": "index.handler",
            "Role": ROLE_ARN,
            "Timeout": 20,
            "Code": {"ZipFile": textwrap.dedent(code)},
        },
    }


def served_by_it(**properties: str) -> dict[str, Any]:
    """Return a custom resource of the function F."""
    token = {"ServiceToken": {"Fn::GetAtt": ["F", "Arn"]}, "ServiceTimeout": 30}
    return {"Type": "Custom::Answered", "Properties": token | properties}


def invoke(cloud: LocalCloud, name: str) -> Any:  # noqa: ANN401 - what the function returns
    """Call a function, and return its result or its error."""
    answer = cloud.client("lambda").invoke(FunctionName=name)
    return json.load(answer["Payload"])


@pytest.mark.parametrize(
    ("code", "runtime"),
    [
        pytest.param(PYTHON, "python3.13", id="Python"),
        pytest.param(NODE, "nodejs22.x", id="Node.js", marks=needs_node),
    ],
)
def test_the_module_answers(stack: TemplateStack, code: str, runtime: str) -> None:
    """The stack gets the attributes and the id, and the default reason when it fails."""
    resources = {"F": inline(code, runtime), "R": served_by_it(Id="first")}
    outputs = {"Color": {"Fn::GetAtt": ["R", "Color"]}}
    assert stack.deploy(resources, outputs=outputs) == "CREATE_COMPLETE"
    assert stack.outputs() == {"Color": "red"}
    assert stack.physical_id("R") == "first"
    fails = {"F": inline(code, runtime), "R": served_by_it(Id="first", Fails="yes")}
    assert stack.deploy(fails) == "UPDATE_ROLLBACK_COMPLETE"
    assert "See the details in CloudWatch Log Stream: " in stack.reason("R")


def test_reason_and_default_id(stack: TemplateStack) -> None:
    """A reason is the stack's, and without an id, the resource has the log stream's name."""
    assert stack.deploy({"F": inline(PYTHON), "R": served_by_it()}) == "CREATE_COMPLETE"
    assert len(stack.physical_id("R")) > 0
    other = {"F": inline(PYTHON), "R": served_by_it(), "S": served_by_it(Fails="yes", Reason="Why")}
    assert stack.deploy(other) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Why" in stack.reason("S")


def test_only_inline_code_with_the_exact_statement_has_the_module(
    cloud: LocalCloud, stack: TemplateStack
) -> None:
    """As on AWS, other statements and code from an archive don't find it."""
    other = "from cfnresponse import send\ndef handler(event, context):\n    pass\n"
    assert stack.deploy({"F": inline(other)}) == "CREATE_COMPLETE"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("index.py", textwrap.dedent(PYTHON))
    cloud.client("lambda").create_function(
        FunctionName="archive",
        Runtime="python3.13",
        Handler="index.handler",
        Role=ROLE_ARN,
        Code={"ZipFile": archive.getvalue()},
    )
    for name in (stack.physical_id("F"), "archive"):
        assert "No module named 'cfnresponse'" in invoke(cloud, name)["errorMessage"]


def node_function(stack: TemplateStack, body: str) -> str:
    """Deploy a Node.js function with this body; return its name."""
    code = f"exports.handler = async () => {{\n{body}\n}};"
    assert stack.deploy({"F": inline(code, "nodejs22.x")}) == "CREATE_COMPLETE"
    return stack.physical_id("F")


@needs_node
@pytest.mark.parametrize(
    "body",
    [
        'new (require("@aws-sdk/client-iam").IAMClient)({});',
        # How AwsCustomResource finds the client of any service.
        """
            const found = Object.entries(require("@aws-sdk/client-iam"));
            new (found.find(([name]) => name.endsWith("Client"))[1])({});
        """,
    ],
    ids=["by name", "by search"],
)
def test_the_sdk_is_missing_in_words(cloud: LocalCloud, stack: TemplateStack, body: str) -> None:
    """A function that uses a client is told that it is missing, and what to do."""
    assert invoke(cloud, node_function(stack, body))["errorMessage"] == IAM_SENTENCE


@needs_node
def test_other_packages_of_the_sdk_are_missing_in_words(
    cloud: LocalCloud, stack: TemplateStack
) -> None:
    """A function of a package says the same, and so does the client of a stand-in that is searched for."""
    body = """
        const texts = [];
        for (const call of [
          () => require("@aws-sdk/credential-providers").fromTemporaryCredentials({}),
          () => new (Object.values(require("@aws-sdk/client-ssm"))[0])({}),
        ]) {
          try { call(); } catch (error) { texts.push(error.message); }
        }
        return texts;
    """
    texts = invoke(cloud, node_function(stack, body))
    assert [text.split()[0] for text in texts] == [
        "@aws-sdk/credential-providers",
        "@aws-sdk/client-ssm",
    ]


@needs_node
def test_the_emulators_stand_ins_still_work(cloud: LocalCloud, stack: TemplateStack) -> None:
    """A client that the emulator imitates reaches the local cloud."""
    cloud.client("ssm").put_parameter(Name="/color", Type="String", Value="red")
    body = """
        const { SSMClient, GetParameterCommand } = require("@aws-sdk/client-ssm");
        const answer = await new SSMClient({}).send(new GetParameterCommand({ Name: "/color" }));
        return answer.Parameter.Value;
    """
    assert invoke(cloud, node_function(stack, body)) == "red"


@pytest.fixture
def package_above(cloud: LocalCloud) -> Iterator[None]:
    """Put a package into a folder above the functions, as another user could into /tmp."""
    folder = cloud.log_file.parent / "node_modules"
    package = folder / "@aws-sdk/client-iam"
    package.mkdir(parents=True)
    (package / "index.js").write_text("exports.IAMClient = class {};")
    yield
    shutil.rmtree(folder)


@needs_node
@pytest.mark.usefixtures("package_above")
def test_packages_above_the_function_are_not_loaded(
    cloud: LocalCloud, stack: TemplateStack
) -> None:
    """Only the function's own packages and those of its layers are."""
    body = 'new (require("@aws-sdk/client-iam").IAMClient)({});'
    assert invoke(cloud, node_function(stack, body))["errorMessage"] == IAM_SENTENCE


@needs_node
def test_bundled_packages_are_used(cloud: LocalCloud) -> None:
    """A package in the function's archive is the one that it gets."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr(
            "index.js", 'exports.handler = async () => require("@aws-sdk/client-iam").from;'
        )
        content.writestr("node_modules/@aws-sdk/client-iam/index.js", 'exports.from = "bundle";')
    cloud.client("lambda").create_function(
        FunctionName="bundled",
        Runtime="nodejs22.x",
        Handler="index.handler",
        Role=ROLE_ARN,
        Code={"ZipFile": archive.getvalue()},
    )
    assert invoke(cloud, "bundled") == "bundle"


@needs_node
def test_npm_stays_offline(cloud: LocalCloud, stack: TemplateStack) -> None:
    """What a function starts inherits npm's settings: nothing is fetched, and nothing is left behind."""
    body = """
        const { env } = process;
        return [env.npm_config_offline, env.npm_config_cache.startsWith(env.TMPDIR)];
    """
    assert invoke(cloud, node_function(stack, body)) == ["true", True]

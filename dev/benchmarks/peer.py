"""cdk-proserve-lib's two functions, each in a process that starts cold."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dev import ROOT
from dev.benchmarks.processes import FailedError, Measurement, measure
from dev.tools import nodejs
from dev.tools.commands import SetupError, run
from dev.tools.installers import LOG, PYTHON, VENV
from dev.tools.setup import Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dev.benchmarks.cold_create import Requester

NAME = "cdk-proserve-lib"

_FOLDER = VENV / "peer"
_LOCK = ROOT / "dev/requirements/peer.txt"
_SDK = Path(__file__).parent / "peer_sdk"
_APP = Path(__file__).parent / "peer_app.py"

# What Lambda's runtime does with a function, but for the SDK, which `NODE_PATH` leads to. The framework
# reads no port from a ResponseURL: CloudFormation's have none.
_RUNTIME = """
const https = require("https");
const { request } = https;
const { port } = new URL(process.env.AWS_ENDPOINT_URL);
https.request = (options, ...rest) => request({ port, ...options }, ...rest);
const [code, name, event] = process.argv.slice(1);
const [module, handler] = name.split(".");
const context = { awsRequestId: "1", functionName: "peer", getRemainingTimeInMillis: () => 60_000 };
require(`${code}/${module}`)[handler](JSON.parse(require("fs").readFileSync(event)), context).then(
  () => process.exit(0),
  (error) => { console.error(error); process.exit(1); },
);
"""

# Replaces the handler while the framework is measured.
_ANSWER = """
def handler(event, context):
    return {"PhysicalResourceId": "cold", "Data": {"Arn": "of no interest"}}
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """Its two functions, and what they find in the local cloud."""

    requester: Requester
    framework: Path
    """The asset of the CDK's provider framework."""

    handler: Path
    """The asset of the function that uploads."""

    secrets: Mapping[str, str]
    """ARNs of the secrets with certificate, chain and key, by property."""

    handler_arn: str
    """What the framework calls instead of the handler."""

    @classmethod
    def prepared(cls, requester: Requester, directory: Path) -> Peer:
        """
        Install and synthesize it.

        Args:
            requester: Requests the certificate.
            directory: An empty folder.

        Raises:
            FailedError: It couldn't be installed.
        """
        install()
        framework, handler = _assets(directory)
        chain = requester.chain.decode()
        texts = {"Certificate": requester.issued.pem, "CertificateChain": chain}
        arns = {name: requester.create_secret(f"peer/{name}", text) for name, text in texts.items()}
        return cls(
            requester=requester,
            framework=framework,
            handler=handler,
            secrets=arns | {"PrivateKey": requester.secret_arn},
            handler_arn=requester.create_function("peer-handler", _ANSWER),
        )

    def run(self) -> Measurement:
        """
        Let it create the certificate; the two functions run one after the other, so their times add up.

        Raises:
            FailedError: It didn't.
        """
        properties = {
            "CertificatePrefix": "cold",
            **{name: {"Source": "secret", "Id": arn} for name, arn in self.secrets.items()},
        }
        framework = self.requester.create(
            lambda event: self._command(self.framework, "framework.onEvent", event),
            properties,
            self._measured,
            certificates=0,
        )
        event = self.requester.material / "peer.json"
        event.write_text(json.dumps({"RequestType": "Create", "ResourceProperties": properties}))
        handler = self.requester.upload(
            self._command(self.handler, "index.handler", event), self._measured
        )
        return Measurement(framework.seconds + handler.seconds, max(framework.peak, handler.peak))

    def _command(self, code: Path, name: str, event: Path) -> tuple[str, ...]:
        return str(VENV / "bin/node"), "-e", _RUNTIME, str(code), name, str(event)

    def _measured(self, command: Sequence[str], environment: Mapping[str, str]) -> Measurement:
        settings = {
            "NODE_PATH": str(_FOLDER / "sdk/node_modules"),
            "USER_ON_EVENT_FUNCTION_ARN": self.handler_arn,
            # Lambda keeps no compiled code between cold starts.
            "NODE_DISABLE_COMPILE_CACHE": "1",
        }
        return measure(command, {**environment, **settings})


def install() -> None:
    """
    Install the construct and the SDK that Lambda's runtime brings, unless they are there.

    Raises:
        FailedError: They couldn't be installed.
    """
    step = Step(
        name="peer",
        action=_install,
        inputs=(_LOCK, _SDK / "package-lock.json"),
        output=_FOLDER / "sdk/node_modules",
    )
    try:
        if not step.is_done():
            step.run()
    except SetupError as error:
        raise FailedError(str(error)) from error


def _install() -> None:
    _FOLDER.mkdir(exist_ok=True)
    # Without its dependencies, which are already installed.
    options = ("--require-hashes", "--no-deps", "--upgrade", "--target", _FOLDER / "python")
    cache = ("--cache-dir", VENV / "cache/pip", "--disable-pip-version-check")
    run(
        [PYTHON, "-m", "pip", "install", *cache, *options, "--requirement", _LOCK],
        purpose=NAME,
        log=LOG,
    )
    nodejs.install(_SDK, _FOLDER / "sdk", node=nodejs.home(), purpose="The SDK for Node", log=LOG)


def _assets(directory: Path) -> tuple[Path, Path]:
    """Synthesize its app, and return the assets of the framework and of the handler."""
    output = directory / "peer.out"
    measure(
        (sys.executable, "-P", str(_APP), str(output)),
        {**os.environ, "PYTHONPATH": str(_FOLDER / "python")},
    )
    template = json.loads((output / "Peer.template.json").read_text("utf-8"))
    functions = [
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function"
    ]
    by_handler = {
        each["Handler"]: output / f"asset.{Path(each['Code']['S3Key']).stem}" for each in functions
    }
    return by_handler["framework.onEvent"], by_handler["index.handler"]

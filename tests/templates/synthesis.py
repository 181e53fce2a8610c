"""Synthesize the apps of `apps`, and the scripts that users run, in this process."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import runpy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import aws_cdk
from aws_cdk import App, CloudFormationValidatePlugin, Validations

from dev import ROOT
from templates.apps import OWN_APPS, leaf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cdk_nag import NagPack

SCRIPTS = {
    path.stem: path for path in (ROOT / "app.py", *sorted((ROOT / "examples").glob("[!_]*.py")))
}
NAMES = (*OWN_APPS, *SCRIPTS)

_UNSTAGED: dict[str, Any] = {"aws:cdk:bundling-stacks": []}
_CONTEXT = {
    **json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"],
    "chain": "chain.pem",
    "load-balancer": "yes",
    "platform": "64bit Amazon Linux 2023 v4.7.0 running Python 3.13",
}
"""What a person would give to `cdk synth`; certificates are expected in the folder it runs in."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What cdk-nag says of a resource."""

    construct: str
    rule: str


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """What the CDK's own validation says of a template."""

    rule: str
    description: str


@dataclass(frozen=True, slots=True)
class Template:
    """A template of an app, and where it is deployed to."""

    path: Path
    region: str | None

    @property
    def text(self) -> str:
        """The template as it is written."""
        return self.path.read_text("utf-8")

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The resources by logical id."""
        found: dict[str, dict[str, Any]] = json.loads(self.text)["Resources"]
        return found


@dataclass(frozen=True, slots=True)
class Synthesized:
    """An app, and what was made of it."""

    app: App

    def templates(self) -> Iterator[Template]:
        """Yield the templates of all stacks, those of stages and nested stacks as well."""
        for manifest in sorted(Path(self.app.outdir).rglob("manifest.json")):
            artifacts = json.loads(manifest.read_text("utf-8"))["artifacts"].values()
            stacks = [each for each in artifacts if each["type"] == "aws:cloudformation:stack"]
            regions = {_region(each) for each in stacks}
            for path in sorted(manifest.parent.glob("*.template.json")):
                # A nested stack isn't an artifact. It is deployed with its parent.
                own = {
                    _region(each)
                    for each in stacks
                    if each["properties"]["templateFile"] == path.name
                }
                (region,) = own or regions
                yield Template(path, region)

    def violations(self) -> set[Violation]:
        """Return what the CDK's own validation says of the templates."""
        report = json.loads((Path(self.app.outdir) / "validation-report.json").read_text("utf-8"))
        return {
            Violation(each["ruleName"], each["description"])
            for of_plugin in report["pluginReports"]
            for each in of_plugin["violations"]
        }

    def findings(self, pack: Callable[[App], NagPack]) -> set[Finding]:
        """Return what a pack of cdk-nag's rules says of the app."""
        return {
            Finding(resource.construct_path or "", violation.rule_name)
            for violation in pack(self.app).validate_scope(self.app).violations
            for resource in violation.violating_resources
        }


def synthesize(name: str, directory: Path) -> Synthesized:
    """Synthesize an app of `NAMES` in an empty directory."""
    output = str(directory / "cdk.out")
    if name in SCRIPTS:
        return Synthesized(_run(SCRIPTS[name], directory, output))
    own = OWN_APPS[name]
    app = validated(App(outdir=output, context={**_UNSTAGED, **own.context}))
    own.build(app)
    app.synth()
    return Synthesized(app)


def _run(script: Path, directory: Path, output: str) -> App:
    """Run a script like its user, in a folder with a certificate, and return its app."""
    (directory / "certificate.pem").write_text(leaf().pem, encoding="ascii")
    (directory / "chain.pem").write_text(leaf().chain_pem(), encoding="ascii")
    # Node reads what the CDK CLI sets when it starts, and this one runs already.
    context = {**_CONTEXT, **_UNSTAGED}

    def app_of_cli() -> App:
        return validated(App(outdir=output, context=context))

    agnostic = {
        key: value for key, value in os.environ.items() if not key.startswith("CDK_DEFAULT_")
    }
    with (
        contextlib.chdir(directory),
        mock.patch.dict(os.environ, agnostic, clear=True),
        mock.patch.object(aws_cdk, "App", app_of_cli),
    ):
        variables = runpy.run_path(str(script), run_name="__main__")
    (app,) = (value for value in variables.values() if isinstance(value, App))
    return app


def validated(app: App) -> App:
    """Give an app the validation that every user's app has, and that the other tests switch off."""
    Validations.of(app).add_plugins(_validation())
    return app


@functools.cache
def _validation() -> CloudFormationValidatePlugin:
    """Load the rules, which takes five seconds, once for all apps."""
    return CloudFormationValidatePlugin()


def _region(artifact: dict[str, Any]) -> str | None:
    region: str = artifact["environment"].rpartition("/")[2]
    return None if region.startswith("unknown-") else region

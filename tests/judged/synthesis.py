"""Apps, synthesised and judged: those of `apps` in this process, scripts in one of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import App
from cdk_nag import AwsSolutionsChecks

from dev import ROOT
from judged.apps import OWN_APPS, leaf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cdk_nag import NagPack

SCRIPTS = {
    path.stem: path for path in (ROOT / "app.py", *sorted((ROOT / "examples").glob("[!_]*.py")))
}
NAMES = (*OWN_APPS, *SCRIPTS)

_UNSTAGED = {"aws:cdk:bundling-stacks": []}
_CONTEXT = {
    **json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"],
    "chain": "chain.pem",
    "load-balancer": "yes",
    "platform": "64bit Amazon Linux 2023 v4.7.0 running Python 3.13",
}
"""What a person would give to `cdk synth`; certificates are expected in the folder it runs in."""

_TIMEOUT = 120


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What cdk-nag says of a resource."""

    construct: str
    rule: str


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
class Synthesised:
    """What came of an app."""

    directory: Path
    findings: frozenset[Finding]

    def templates(self) -> Iterator[Template]:
        """Yield the templates of all stacks, those of stages and nested stacks as well."""
        for manifest in sorted(self.directory.rglob("manifest.json")):
            artifacts = json.loads(manifest.read_text("utf-8"))["artifacts"].values()
            stacks = [each for each in artifacts if each["type"] == "aws:cloudformation:stack"]
            regions = {_region(each) for each in stacks}
            for path in sorted(manifest.parent.glob("*.template.json")):
                # A nested stack is no artifact; it is deployed where its parent is.
                own = {
                    _region(each)
                    for each in stacks
                    if each["properties"]["templateFile"] == path.name
                }
                (region,) = own or regions
                yield Template(path, region)


def synthesise(name: str, directory: Path) -> Synthesised:
    """Synthesise and judge an app of `NAMES` in an empty directory."""
    if name in OWN_APPS:
        return Synthesised(directory, frozenset(judge_own(name, AwsSolutionsChecks, directory)))
    here = directory / "run"
    here.mkdir()
    (here / "certificate.pem").write_text(leaf().pem, encoding="ascii")
    (here / "chain.pem").write_text(leaf().chain_pem(), encoding="ascii")
    output = directory / "cdk.out"
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("CDK_DEFAULT_")},
        "CDK_CONTEXT_JSON": json.dumps({**_CONTEXT, **_UNSTAGED}),
        "CDK_OUTDIR": str(output),
        "PYTHONPATH": os.pathsep.join(
            (str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", ""))
        ),
    }
    told = subprocess.run(
        [sys.executable, "-m", "judged.judge_script", SCRIPTS[name]],
        check=True,
        cwd=here,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_TIMEOUT,
    ).stdout
    findings = (Finding(*pair) for pair in json.loads(told.splitlines()[-1]))
    return Synthesised(output, frozenset(findings))


def judge_own(
    name: str, pack: Callable[[App], NagPack], directory: Path | None = None
) -> set[Finding]:
    """Synthesise an app of `OWN_APPS` and return what a pack of cdk-nag's rules says of it."""
    own = OWN_APPS[name]
    app = App(
        outdir=str(directory) if directory else None,
        context={**_UNSTAGED, **own.context},
    )
    own.build(app)
    app.synth()
    return judge(app, pack)


def judge(app: App, pack: Callable[[App], NagPack]) -> set[Finding]:
    """Return what a pack of cdk-nag's rules says of an app that was synthesised."""
    return {
        Finding(resource.construct_path or "", violation.rule_name)
        for violation in pack(app).validate_scope(app).violations
        for resource in violation.violating_resources
    }


def _region(artifact: dict[str, Any]) -> str | None:
    region: str = artifact["environment"].rpartition("/")[2]
    return None if region.startswith("unknown-") else region

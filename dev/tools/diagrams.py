"""
Draw the diagrams of the documentation as SVG.

    python -m dev.tools.diagrams            writes docs/internals/diagrams/*.svg
    python -m dev.tools.diagrams --check    exits 1 if one is out of date

Boxes have a background of their own, so that they can be read on light and on dark pages. A page shows
an SVG without a script, online and offline.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from dev import ROOT
from dev.tools.diagram_shapes import Arrow, Box, Diagram

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FOLDER: Final = ROOT / "docs/internals/diagrams"


def parts() -> Diagram:
    """Draw the packages, and who uses them when."""
    core = Box(
        *(590, 20, 190, 260),
        "server_certificate",
        ("reads", "checks", "converts", "names", "", "no AWS, no clock,", "no network"),
        is_core=True,
    )
    drawn: list[Box | Arrow] = [core]
    rows = (
        ("Your CDK app", "cdk_iam_server_certificate", "at synth: checks literal certificates"),
        ("You", "server_certificate_cli", "on your machine: the command"),
        ("CloudFormation", "server_certificate_handler", "at deploy time: the Lambda function"),
    )
    for number, (user, package, when) in enumerate(rows):
        y = 20 + number * 95
        left, middle = Box(20, y, 150, 70, user), Box(230, y, 270, 70, package, (when,))
        to = (core.x, middle.at("right")[1])
        arrows = Arrow((left.at("right"), middle.at("left"))), Arrow((middle.at("right"), to))
        drawn += [left, middle, *arrows]
    return Diagram("The packages, and who uses them when", 800, 300, tuple(drawn))


def loop() -> Diagram:
    """Draw the loop of the function."""
    event = Box(20, 20, 170, 60, "Event", ("from CloudFormation",))
    desired = Box(20, 130, 170, 70, "Desired", ("what the event", "asks for"))
    decide = Box(270, 120, 190, 90, "decide", ("pure: no call,", "no clock"), is_core=True)
    run = Box(570, 120, 200, 90, "run", ("calls AWS",))
    observed = Box(270, 20, 190, 60, "Observed", ("in IAM and in the stack",))
    done = Box(270, 260, 190, 50, "Done, or an error")
    undo = Box(570, 260, 200, 50, "Undo log")
    return Diagram(
        "The loop: observe, decide, act, log",
        790,
        330,
        (
            *(event, desired, decide, run, observed, done, undo),
            Arrow((event.at("bottom"), desired.at("top"))),
            Arrow((desired.at("right"), decide.at("left"))),
            Arrow((observed.at("bottom"), decide.at("top"))),
            Arrow((decide.at("right"), run.at("left")), "next step", (515, 157)),
            Arrow(
                (run.at("top"), (run.at("top")[0], observed.at("right")[1]), observed.at("right")),
                "what was found, or changed",
                (565, 40),
            ),
            Arrow((decide.at("bottom"), done.at("top"))),
            Arrow((run.at("bottom"), undo.at("top")), "each change", (714, 240)),
        ),
    )


def local_cloud() -> Diagram:
    """Draw what the local cloud consists of."""
    clients = Box(20, 110, 160, 100, "Clients", ("AWS CLI, CDK CLI,", "boto3, LocalCloud"))
    gateway = Box(
        250, 100, 190, 120, "Gateway", ("127.0.0.1, TLS;", "counts calls,", "injects faults")
    )
    iam = Box(
        540,
        20,
        230,
        80,
        "local_cloud/iam",
        ("server certificates,", "as strict as IAM"),
        is_core=True,
    )
    emulator = Box(
        540,
        125,
        230,
        80,
        "MiniStack",
        ("CloudFormation, S3, secrets,", "load balancers, CloudFront"),
    )
    functions = Box(540, 235, 230, 70, "Lambda functions", ("processes of this machine",))
    middle = gateway.at("right")
    return Diagram(
        "The local cloud: a gateway, IAM server certificates, an emulator, functions",
        790,
        320,
        (
            *(clients, gateway, iam, emulator, functions),
            Arrow((clients.at("right"), gateway.at("left"))),
            Arrow((middle, (490, middle[1]), (490, 60), iam.at("left"))),
            Arrow((middle, (490, middle[1]), (490, 160), emulator.at("left"))),
            Arrow((emulator.at("bottom"), functions.at("top")), "invokes", (690, 225)),
            Arrow(
                (functions.at("left"), (345, 270), gateway.at("bottom")),
                "calls AWS, through the same gateway",
                (415, 290),
            ),
        ),
    )


def renewal() -> Diagram:
    """Draw a renewal without a deployment."""
    secret = Box(20, 30, 150, 80, "Secret", ("gets a new version",))
    rule = Box(230, 30, 180, 80, "Rule", ("event of the secret,", "and every six hours"))
    function = Box(
        *(530, 20, 240, 100),
        "Renewal function",
        ("compares versions,", "reviews the change set,", "can't read the secret"),
        is_core=True,
    )
    cloudformation = Box(530, 200, 240, 100, "CloudFormation", ("with the renewal role",))
    provider = Box(*(230, 170, 180, 80), "Function", ("checks and uploads,", "deletes the old one"))
    consumers = Box(230, 275, 180, 60, "Consumers", ("listeners, distributions",))
    iam = Box(20, 170, 150, 80, "IAM", ("old and new", "side by side"))
    middle = cloudformation.at("left")
    return Diagram(
        "A renewal without a deployment",
        790,
        355,
        (
            *(secret, rule, function, cloudformation, provider, consumers, iam),
            Arrow((secret.at("right"), rule.at("left"))),
            Arrow((rule.at("right"), function.at("left"))),
            Arrow((function.at("bottom"), cloudformation.at("top")), "change set", (695, 165)),
            Arrow((middle, (470, middle[1]), (470, 210), provider.at("right"))),
            Arrow((middle, (470, middle[1]), (470, 305), consumers.at("right"))),
            Arrow((provider.at("left"), iam.at("right"))),
        ),
    )


DIAGRAMS: Final = {
    "parts": parts,
    "loop": loop,
    "renewal": renewal,
    "local-cloud": local_cloud,
}
"""What draws each diagram, by the name of its file."""


def main(arguments: Sequence[str] | None = None, *, folder: Path = FOLDER) -> int:
    """Write the diagrams, or check them; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m dev.tools.diagrams")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if outdated")
    checks_only = parser.parse_args(arguments).check
    outdated = False
    for name, draw in DIAGRAMS.items():
        file, wanted = folder / f"{name}.svg", draw().svg()
        if checks_only:
            outdated |= not file.is_file() or file.read_text("utf-8") != wanted
        else:
            folder.mkdir(exist_ok=True)
            file.write_text(wanted, encoding="utf-8")
    if outdated:
        sys.stderr.write("A diagram is out of date. Run: python -m dev.tools.diagrams\n")
    return int(outdated)


if __name__ == "__main__":
    sys.exit(main())

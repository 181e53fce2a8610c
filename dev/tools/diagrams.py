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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from xml.sax.saxutils import escape

from dev import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FOLDER: Final = ROOT / "docs/internals/diagrams"

_HEAD: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"
 font-family="system-ui, sans-serif" font-size="15" text-anchor="middle">
<title>{title}</title>
<style>
.box {{ fill: #e3edf9; stroke: #5b86b8; stroke-width: 1.5 }}
.core {{ fill: #fbe9cf; stroke: #c98a2b; stroke-width: 1.5 }}
.name {{ fill: #16263a; font-weight: 600 }}
.note {{ fill: #3d4f66; font-size: 13px }}
.line {{ fill: none; stroke: #7687a0; stroke-width: 1.75 }}
.label {{ fill: #7687a0; font-size: 13px }}
</style>
<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7"
 orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#7687a0"/></marker></defs>
"""
_LINE_HEIGHT: Final = 20

Side = Literal["left", "right", "top", "bottom"]


@dataclass(frozen=True, slots=True)
class Box:
    """A box with a name and further lines; `is_core` gives it the other color."""

    x: int
    y: int
    width: int
    height: int
    name: str
    notes: tuple[str, ...] = ()
    is_core: bool = False

    def at(self, side: Side) -> tuple[int, int]:
        """Return the middle of a side."""
        return {
            "left": (self.x, self.y + self.height // 2),
            "right": (self.x + self.width, self.y + self.height // 2),
            "top": (self.x + self.width // 2, self.y),
            "bottom": (self.x + self.width // 2, self.y + self.height),
        }[side]

    def drawn(self) -> str:
        """Return the box as SVG."""
        middle = self.x + self.width // 2
        first = self.y + self.height // 2 - len(self.notes) * _LINE_HEIGHT // 2 + 5
        color = "core" if self.is_core else "box"
        size = f'width="{self.width}" height="{self.height}"'
        lines = [
            f'<rect class="{color}" x="{self.x}" y="{self.y}" {size} rx="8"/>',
            f'<text class="name" x="{middle}" y="{first}">{escape(self.name)}</text>',
        ]
        for number, note in enumerate(self.notes, start=1):
            y = first + number * _LINE_HEIGHT
            lines.append(f'<text class="note" x="{middle}" y="{y}">{escape(note)}</text>')
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow through some points, with a label at a place of its own."""

    points: tuple[tuple[int, int], ...]
    label: str = ""
    at: tuple[int, int] = (0, 0)

    def drawn(self) -> str:
        """Return the arrow as SVG."""
        path = "L".join(f"{x} {y}" for x, y in self.points)
        line = f'<path class="line" d="M{path}" marker-end="url(#head)"/>'
        x, y = self.at
        label = f'<text class="label" x="{x}" y="{y}">{escape(self.label)}</text>'
        return f"{line}\n{label}" if self.label else line


@dataclass(frozen=True, slots=True)
class Diagram:
    """Boxes and arrows, and what a screen reader says about them."""

    title: str
    width: int
    height: int
    parts: tuple[Box | Arrow, ...]

    def svg(self) -> str:
        """Return the file's content."""
        head = _HEAD.format(width=self.width, height=self.height, title=escape(self.title))
        return "\n".join([head, *(part.drawn() for part in self.parts), "</svg>\n"])


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


DIAGRAMS: Final = {"parts": parts, "loop": loop, "local-cloud": local_cloud}
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

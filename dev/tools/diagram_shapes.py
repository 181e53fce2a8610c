"""The shapes of the diagrams, and how they are written as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal
from xml.sax.saxutils import escape

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

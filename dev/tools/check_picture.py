"""
Draw docs/images/check.svg, the picture of `server-certificate check` in the README.

    python -m dev.tools.check_picture

The command really runs, on a terminal, with certificates made for the picture. It checks them at a
fixed instant (`--at`, which the picture leaves out), so the picture is the same every time.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from dev import ROOT
from dev.certificates.authority import NOW, Authority, to_pem

PICTURE: Final = ROOT / "docs/images/check.svg"
COMMAND: Final = "server-certificate check download --for cloudfront --path /www/"
WIDTH: Final = 100
"""Columns of the terminal. Sentences are broken between words there."""

_LINES: Final = 60
_PROMPT: Final = "$ "
_THEME: Final = TerminalTheme(
    (22, 27, 34),
    (230, 237, 243),
    [
        (110, 118, 129),
        (255, 123, 114),
        (126, 231, 135),
        (240, 200, 90),
        (121, 192, 255),
        (210, 168, 255),
        (118, 227, 234),
        (230, 237, 243),
    ],
)
"""Light text on a dark window. The picture includes the window, so it suits light and dark pages."""

_FORMAT: Final = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" \
role="img" aria-label="Output of server-certificate check">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, \
"DejaVu Sans Mono", monospace; font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""As rich draws it, without the font that it would load from another server."""


def picture() -> str:
    """Return the picture, as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        _write_material(Path(folder, "download"))
        output = _on_a_terminal(f"{COMMAND} --at {NOW.isoformat()}", Path(folder))
    console = Console(
        record=True, file=io.StringIO(), width=WIDTH, force_terminal=True, color_system="truecolor"
    )
    for line in (_PROMPT + COMMAND, *output.rstrip().splitlines()):
        console.print(Text.from_ansi(line), soft_wrap=True)
    drawn = console.export_svg(
        title="server-certificate", theme=_THEME, code_format=_FORMAT, unique_id="check"
    )
    return "".join(f"{line.rstrip()}\n" for line in drawn.splitlines())


def _write_material(folder: Path) -> None:
    """Write what a certificate authority's portal may hand out: the chain is in the wrong order."""
    leaf = Authority.root().intermediate("Example CA 1").leaf("www.example.com")
    folder.mkdir()
    (folder / "certificate.crt").write_text(leaf.pem)
    (folder / "private.key").write_text(leaf.key_pem())
    (folder / "ca_bundle.crt").write_text(to_pem(*reversed(leaf.chain())))


def _on_a_terminal(command: str, folder: Path) -> str:
    """Run a command on a terminal of its own, and return what it writes there."""
    reader, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, WIDTH, 0, 0))
    program = (sys.executable, "-m", "server_certificate_cli", *command.split()[1:])
    kept = {name: value for name, value in os.environ.items() if name not in _OUTPUT_VARIABLES}
    environment = {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        program,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
    ):
        os.close(terminal)
        return _all_of(reader).decode()


_OUTPUT_VARIABLES: Final = frozenset({"COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR"})


def _all_of(reader: int) -> bytes:
    chunks = []
    with open(reader, "rb", buffering=0) as stream:
        try:
            while chunk := stream.read(65_536):
                chunks.append(chunk)
        except OSError:
            # How Linux says that nobody writes any more.
            pass
    return b"".join(chunks)


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")

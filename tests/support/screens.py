"""
Recorded screens: what a command writes on a terminal of 60, 80, 100 and 160 columns.

    def test_list(screens: Screens) -> None:
        screens.compare("list", "list", "--fail-within", "30")

compares with ``tests/snapshots/screens/list.txt``. If a change is wanted, record the screens again, and
read their diff as a user would:

    python -m pytest tests/unit/cli --update-snapshots

The command runs in this process, without colors, at the instant of the test's certificates. Digits that
are different each time (serial numbers, fingerprints, key identifiers) become ``X``.
"""

from __future__ import annotations

import io
import re
import sys
from difflib import unified_diff
from typing import TYPE_CHECKING

import pytest

from dev import ROOT
from dev.certificates.authority import NOW
from server_certificate_cli.main import group

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FOLDER = ROOT / "tests/snapshots/screens"
WIDTHS = (60, 80, 100, 160)

_VARYING = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b[0-9A-F]{2}(:[0-9A-F]{2}){3,}:?",
        r"\bASCA[A-Z0-9]{17}\b",
        r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
        r"\b[0-9a-f]{16,64}\b",
        r"(?<=127\.0\.0\.1:)\d+",
    )
)
_SERIAL_NUMBER = re.compile(r"(serial number +)[0-9A-F:]+(?:\n +[0-9A-F]{2}(?::[0-9A-F]{2})*)?")
"""Its length differs, because leading zeros are left out."""

_COMMAND = re.compile(r"\b(openssl|server-certificate|aws|pip|cdk|--[a-z-]+) |[/'][^ ]{40}")
"""What may be longer than a line, because a line break would spoil the copy of it."""


class _Output(io.TextIOWrapper):
    """What is written on the terminal, by standard output and standard error."""

    def __init__(self) -> None:
        self.written = io.BytesIO()
        super().__init__(self.written, encoding="utf-8", write_through=True)

    def isatty(self) -> bool:
        return True


class _Keyboard(io.StringIO):
    """What is typed on the terminal, which shows it."""

    def __init__(self, typed: str, output: _Output) -> None:
        super().__init__(typed)
        self.output = output

    def isatty(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:
        line = super().readline(-1 if size is None else size)
        self.output.write(line)
        return line

    def hidden(self, prompt: str = "", **_: object) -> str:
        """Answer as ``getpass`` does: what is typed isn't shown."""
        self.output.write(f"{prompt}\n")
        line = super().readline()
        if not line:
            raise EOFError
        return line.rstrip("\n")


class Screens:
    """Runs commands on terminals, and compares what they show with what was recorded."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, *, update: bool) -> None:
        """
        Create the runner.

        Args:
            folder: Where the commands run.
            monkeypatch: What undoes the changes of the environment.
            update: Whether to record instead of comparing.
        """
        self._folder = folder
        self._monkeypatch = monkeypatch
        self._update = update

    def show(
        self,
        *words: str | Path,
        width: int,
        typed: str = "",
        env: Mapping[str, str] | None = None,
    ) -> tuple[str, int]:
        """
        Run a command on a terminal.

        Args:
            words: Its arguments.
            width: The columns of the terminal.
            typed: What the user types, with line breaks.
            env: More environment variables.

        Returns:
            What the terminal shows, and the exit code.
        """
        output = _Output()
        keyboard = _Keyboard(typed, output)
        settings = {"COLUMNS": str(width), "NO_COLOR": "1", "TERM": "xterm-256color", **(env or {})}
        with self._monkeypatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            patch.chdir(self._folder)
            for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
                patch.delenv(name, raising=False)
            patch.setattr("server_certificate_cli.clock.now", lambda: NOW)
            patch.setattr("getpass.getpass", keyboard.hidden)
            patch.setattr("click.termui.hidden_prompt_func", keyboard.hidden)
            patch.setattr(sys, "stdin", keyboard)
            patch.setattr(sys, "stdout", output)
            patch.setattr(sys, "stderr", output)
            with pytest.raises(SystemExit) as ended:
                group.main([str(word) for word in words])
        shown = output.written.getvalue().decode()
        return shown, int(ended.value.code or 0)

    def compare(
        self,
        name: str,
        *words: str | Path,
        widths: Iterable[int] = WIDTHS,
        typed: str = "",
        env: Mapping[str, str] | None = None,
    ) -> None:
        """
        Compare what a command shows at each width with ``tests/snapshots/screens/NAME.txt``.

        No line may be longer than the terminal is wide, except one with something to copy.

        Args:
            name: The name of the recording.
            words: The command's arguments.
            widths: The columns of the terminals.
            typed: What the user types, with line breaks.
            env: More environment variables.
        """
        parts: dict[str, list[int]] = {}
        wide: list[tuple[int, str]] = []
        for width in widths:
            shown, code = self.show(*words, width=width, typed=typed, env=env)
            masked = _masked(shown)
            wide += [(width, line) for line in too_wide(masked, width)]
            end = "" if masked.endswith("\n") or not masked else "\n"
            parts.setdefault(f"{masked}{end}(exit code {code})\n", []).append(width)
        recorded = _masked(f"$ server-certificate {' '.join(map(str, words))}\n") + "".join(
            f"\n════ {', '.join(map(str, each))} columns ════\n{text}"
            for text, each in parts.items()
        )
        file = FOLDER / f"{name}.txt"
        if self._update:
            FOLDER.mkdir(parents=True, exist_ok=True)
            file.write_text(recorded, encoding="utf-8")
        assert not wide, f"lines that are longer than the terminal is wide: {wide}"
        expected = file.read_text(encoding="utf-8") if file.is_file() else ""
        difference = "".join(
            unified_diff(
                expected.splitlines(keepends=True),
                recorded.splitlines(keepends=True),
                fromfile=f"{file.name}, as recorded",
                tofile="as shown",
            )
        )
        assert not difference, (
            "is the change wanted? then run this test with --update-snapshots, and review the diff"
            f"\n{difference}"
        )


def too_wide(shown: str, width: int) -> list[str]:
    """Return the lines that are longer than a terminal is wide, and have nothing to copy."""
    return [line for line in shown.splitlines() if len(line) > width and not _COMMAND.search(line)]


def _masked(text: str) -> str:
    text = _SERIAL_NUMBER.sub(r"\1(serial number)", text)
    for pattern in _VARYING:
        text = pattern.sub(lambda found: re.sub(r"[0-9A-Za-z]", "X", found[0]), text)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())

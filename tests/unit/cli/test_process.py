"""The command as a process: imports, pipes, terminals, signals."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Authority
from support.command import AT, COMMAND, environment, start, write_parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dev.certificates.authority import Issued

_LOADED = """
import sys
from server_certificate_cli.main import group
try:
    group.main(sys.argv[1:])
finally:
    print(",".join(sorted(sys.modules)), file=sys.stderr)
"""

_INTERRUPTED = """
import signal, sys
from server_certificate_cli.main import group

class Input:
    buffer = property(lambda self: self)

    def read(self, size):
        signal.raise_signal(signal.SIGINT)

sys.stdin = Input()
group.main(["check", "-"])
"""


_SIGNALED = """
import os, signal, sys
from server_certificate_cli.main import group

name, step, *words = sys.argv[1:]
real = getattr(os, step)

def signaled(*arguments, **settings):
    result = real(*arguments, **settings)
    signal.raise_signal(getattr(signal, name))
    return result

setattr(os, step, signaled)
group.main(words)
"""


_AS_IN_A_TERMINAL = """
import signal
for number in (signal.SIGHUP, signal.SIGTERM):
    signal.signal(number, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
"""
"""Child processes inherit ignored signals, for example in the background or with nohup."""


def run_script(script: str, *words: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a script in its own process."""
    return subprocess.run(
        [sys.executable, "-c", _AS_IN_A_TERMINAL + script, *words],
        cwd=folder,
        env=environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )


def loaded(folder: Path, *words: str) -> set[str]:
    """Return the modules that a run of the command imports."""
    done = run_script(_LOADED, *words, folder=folder)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.decode().splitlines()[-1].split(","))


def on_terminal(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> str:
    """Run the command on a terminal with 60 columns, and return the output."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *words],
        cwd=folder,
        env=environment({"COLUMNS": "60", "TERM": "xterm-256color", **(env or {})}),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    # Linux raises an error if the other end is closed. Other systems return no data.
    with os.fdopen(ours, "rb", buffering=0) as screen, suppress(OSError):
        while part := screen.read(4096):
            shown += part
    process.wait(timeout=60)
    return shown.decode().replace("\r\n", "\n")


def test_json_loads_only_what_it_needs(good: Path) -> None:
    """A check with JSON output imports neither AWS, nor the CDK, nor rich."""
    modules = loaded(good, "check", ".", *AT, "--json")
    assert "cryptography" in modules
    assert modules & {"aws_cdk", "boto3", "botocore", "jsii", "rich", "importlib_metadata"} == set()


@pytest.mark.parametrize("words", [["check", ".", *AT], ["inspect", "certificate.pem"]])
def test_drawing_loads_no_aws(good: Path, words: list[str]) -> None:
    """The text report imports neither AWS nor the CDK."""
    modules = loaded(good, *words)
    assert "rich" in modules
    assert modules & {"aws_cdk", "boto3", "botocore", "jsii"} == set()


def test_a_check_of_pem_loads_no_more(good: Path) -> None:
    """PEM files from options are read without importing other readers or the list of rules."""
    parts = ["--certificate", "certificate.pem", "--chain", "certificate-chain.pem"]
    modules = loaded(good, "check", *parts, "--private-key", "private-key.pem", *AT)
    assert "server_certificate.pem.blocks" in modules
    assert (
        modules
        & {
            "server_certificate.pem.damaged_lines",
            "server_certificate.reading.documents.json_bundle",
            "server_certificate.reading.pkcs12",
            "server_certificate.reading.recognition.text_patterns",
            "server_certificate.rules.registry",
            "server_certificate_cli.local.folders",
            "server_certificate_cli.local.layouts",
        }
        == set()
    )


def test_help_loads_no_command(here: Path) -> None:
    """The help of the group imports no command and no certificate code."""
    assert loaded(here, "--help") & {"boto3", "botocore", "cryptography", "rich"} == set()


@pytest.mark.usefixtures("good")
def test_exit_codes_of_a_process(here: Path) -> None:
    """Accepted, rejected and invalid usage result in exit codes 0, 1 and 2."""
    codes = [
        start(*words, folder=here).returncode
        for words in (
            ("check", "good", *AT),
            ("check", "good", "--at", "2020-01-01T00:00:00Z"),
            ("check",),
        )
    ]
    assert codes == [0, 1, 2]


def test_installed_command_runs(good: Path) -> None:
    """The entry point of the distribution works like the module."""
    command = Path(sys.executable).with_name("server-certificate")
    done = subprocess.run(
        [command, "check", good, *AT], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert done.stdout == start("check", good, *AT, folder=good).stdout


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_reader_that_goes_away_is_no_error(good: Path, form: list[str]) -> None:
    """If the reader of the output ends, nothing is printed, and the exit code is not that of a rejection."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "check", ".", *AT, *form],
        cwd=good,
        env=environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_full_disk_ends_in_a_sentence(good: Path, form: list[str]) -> None:
    """If the output can't be written, the exit code is not that of a verdict."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "check", ".", *AT, *form],
            cwd=good,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == b"Error: The output can't be written: No space left on device.\n"


def test_closed_output_leaves_the_verdict(good: Path) -> None:
    """A process without standard output and error still has the exit code of its verdict."""
    shell = f"{' '.join(COMMAND)} check . {' '.join(AT)} >&- 2>&-"
    done = subprocess.run(
        ["/bin/sh", "-c", shell], cwd=good, env=environment(), timeout=60, check=False
    )
    assert done.returncode == 0


def test_closed_input_is_told(here: Path) -> None:
    """Closed standard input is an error."""
    shell = f"{' '.join(COMMAND)} check - <&-"
    done = subprocess.run(
        ["/bin/sh", "-c", shell],
        cwd=here,
        env=environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert b"'standard input': it is closed." in done.stderr


def test_pipe_in_place_of_a_file_is_not_waited_for(here: Path) -> None:
    """The command doesn't wait for a FIFO without a writer."""
    os.mkfifo(here / "pipe")
    done = start("check", "--certificate", "pipe", folder=here)
    assert done.returncode == 2
    assert b"'pipe': it is a pipe" in done.stderr


def test_interrupt_ends_quietly(here: Path) -> None:
    """Ctrl-C while reading standard input ends the process without a traceback."""
    done = run_script(_INTERRUPTED, folder=here)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
@pytest.mark.parametrize("step", ["fsync", "link"])
def test_signal_while_files_are_written_leaves_nothing(
    good: Path, here: Path, name: str, step: str
) -> None:
    """If a signal ends the process while it writes, no part of a key and no folder remain."""
    number = getattr(signal, name)
    words = ["convert", "good", *AT, "--output", "out"]
    done = run_script(_SIGNALED, name, step, *words, folder=here)
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, b"", b"")
    assert [path.name for path in here.iterdir()] == ["good"]
    before = {path.name: path.read_text() for path in good.iterdir()}
    words = ["convert", "good", *AT, "--output", "good", "--force"]
    done = run_script(_SIGNALED, name, step, *words, folder=here)
    assert done.returncode == 128 + number
    assert {path.name: path.read_text() for path in good.iterdir()} == before


def test_signal_that_is_ignored_changes_nothing(good: Path, here: Path) -> None:
    """With nohup, a hangup doesn't stop the command."""
    script = f"import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n{_SIGNALED}"
    words = ["convert", "good", *AT, "--output", "out"]
    done = run_script(script, "SIGHUP", "fsync", *words, folder=here)
    assert (done.returncode, done.stderr) == (0, b"")
    assert {path.name for path in (here / "out").iterdir()} == {
        path.name for path in good.iterdir()
    }


def test_pipe_gets_neither_colors_nor_broken_lines(here: Path, leaf: Issued) -> None:
    """In a pipe, lines are not wrapped and have no colors."""
    (here / "bundle.p12").write_bytes(leaf.pkcs12(None))
    done = start("check", "bundle.p12", *AT, folder=here, env={"COLUMNS": "40"})
    text = done.stdout.decode()
    assert "\x1b" not in text
    assert max(len(line) for line in text.splitlines()) > 80


def test_force_color_colors_a_pipe(good: Path) -> None:
    """With FORCE_COLOR, a pipe has colors, but lines are not wrapped."""
    done = start("check", ".", *AT, folder=good, env={"FORCE_COLOR": "1", "COLUMNS": "40"})
    plain = start("check", ".", *AT, folder=good).stdout.decode()
    text = done.stdout.decode()
    assert "\x1b[" in text
    assert re.sub(r"\x1b\[[\d;]*m", "", text) == plain


@pytest.mark.parametrize("force", [{}, {"FORCE_COLOR": "1"}])
def test_no_color_wins(good: Path, force: Mapping[str, str]) -> None:
    """With NO_COLOR, there are no colors, on a terminal or with FORCE_COLOR."""
    env = {"NO_COLOR": "1", **force}
    assert "\x1b" not in on_terminal(good, "check", ".", *AT, env=env)
    assert b"\x1b" not in start("check", ".", *AT, folder=good, env=env).stdout


def test_terminal_gets_colors_and_wrapped_sentences(good: Path) -> None:
    """On a terminal, sentences are wrapped, and marks and words show what colors show."""
    words = ("check", ".", "--at", "2031-01-01T00:00:00Z")
    shown = on_terminal(good, *words)
    assert "\x1b[1;31m" in shown
    plain = on_terminal(good, *words, env={"NO_COLOR": "1"}).splitlines()
    first = next(number for number, line in enumerate(plain) if "✗ error certificate-exp" in line)
    assert len(plain[first]) <= 60
    assert plain[first + 1].startswith("│    ")


def test_encoding_without_lines_gets_letters(here: Path) -> None:
    """In an ASCII encoding, only ASCII is printed, and nothing fails."""
    root = Authority.root("Zürich").intermediate()
    write_parts(here, root.leaf("www.example.com"))
    done = start("check", ".", *AT, folder=here, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert b"`- Example Intermediate" in done.stdout
    assert rb"`- Z\xfcrich" in done.stdout
    assert b"+ Accepted: no findings." in done.stdout

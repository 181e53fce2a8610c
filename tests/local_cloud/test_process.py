"""The process: where it listens, how it stops, what it leaves behind."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dev import ROOT
from local_cloud import LocalCloud, LocalCloudError
from local_cloud.workspace import StartError, own_directory
from support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.client import BaseClient

pytestmark = pytest.mark.local_cloud

COMMAND = [sys.executable, "-m", "local_cloud", "serve", "--json"]


@contextmanager
def serving(
    *options: str, **popen: object
) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Serve as a command; yield the process and what it announced."""
    with subprocess.Popen(
        [*COMMAND, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True, **popen
    ) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.terminate()


def is_running(pid: int) -> bool:
    """Return whether a process runs; a zombie doesn't."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def create_function(functions: BaseClient, source: str) -> None:
    """Create the Lambda function f from its source."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", textwrap.dedent(source))
    functions.create_function(
        FunctionName="f",
        Runtime="python3.13",
        Handler="index.handler",
        Timeout=600,
        Role="arn:aws:iam::111122223333:role/r",
        Code={"ZipFile": code.getvalue()},
    )


def invoke_a_function(cloud: LocalCloud) -> int:
    """Create a Lambda function and return the process that runs it."""
    functions = cloud.client("lambda")
    create_function(
        functions,
        """
        import logging, os, sys
        def handler(event, context):
            print("to standard output")
            print("to standard error", file=sys.stderr)
            logging.getLogger("f").warning("to the log")
            return {"pid": os.getpid(), "environment": dict(os.environ)}
        """,
    )
    answer = json.load(functions.invoke(FunctionName="f")["Payload"])
    assert answer["environment"]["SSL_CERT_FILE"] == str(cloud.ca_bundle)
    assert "UNRELATED_SECRET" not in answer["environment"]
    return answer["pid"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_it_cleanly(number: signal.Signals) -> None:
    """It ends with status 0 and removes its files."""
    with serving() as (process, announced):
        directory = Path(announced["directory"])
        process.send_signal(number)
        assert process.wait(60) == 0
        assert not directory.exists()


def test_its_files_are_private() -> None:
    """Nobody else can read them, and the TLS key isn't even among them once it is loaded."""
    with LocalCloud.running() as cloud:
        cloud.client("s3").create_bucket(
            Bucket="b-b", CreateBucketConfiguration={"LocationConstraint": cloud.region}
        )
        directory = cloud.log_file.parent
        found = [directory, *directory.rglob("*")]
        assert {path.name for path in found} >= {"server.crt", "local-cloud.log", "ca-bundle.pem"}
        assert not [path for path in found if path.stat().st_mode & 0o077]
        assert "server.key" not in {path.name for path in found}


def test_a_chosen_directory_is_private(tmp_path: Path) -> None:
    """It is created for its user alone, and what an earlier start left there is removed."""
    chosen = tmp_path / "chosen"
    with own_directory(chosen):
        assert chosen.stat().st_mode & 0o777 == 0o700
    chosen.chmod(0o755)
    (chosen / "local-cloud.log").touch(mode=0o666)
    with own_directory(chosen):
        assert not (chosen / "local-cloud.log").exists()


def test_a_directory_that_others_may_change_is_refused(tmp_path: Path) -> None:
    """They could replace the CA bundle; the error has the command that prevents it."""
    tmp_path.chmod(0o777)
    command = re.escape(f"chmod go-w {tmp_path}")
    with (
        pytest.raises(StartError, match=rf"other users may write to it\. Run: {command}\.$"),
        own_directory(tmp_path),
    ):
        pass


def test_a_killed_server_leaves_nothing_to_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next start removes the temporary directories of those that were killed, and no others."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    (tmp_path / "local-cloud-of-a-user").mkdir()
    with own_directory(tmp_path / "local-cloud-chosen"):
        pass
    (tmp_path / "local-cloud-chosen" / "lock").touch()
    with serving() as (process, announced):
        killed = Path(announced["directory"])
        process.kill()
        process.wait()
        assert "server.key" not in {path.name for path in killed.rglob("*")}
        with own_directory(None) as live, own_directory(None):
            assert not killed.exists()
            assert live.exists()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"local-cloud-of-a-user", "local-cloud-chosen"}


def test_it_leaves_no_worker_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda functions run in processes of the server's; they end with it, and so do its files."""
    monkeypatch.setenv("UNRELATED_SECRET", "x")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    with LocalCloud.running() as cloud:
        worker = invoke_a_function(cloud)
        assert is_running(worker)
        messages = [
            event["message"]
            for event in cloud.client("logs").filter_log_events(logGroupName="/aws/lambda/f")[
                "events"
            ]
        ]
        assert {"to standard output", "to standard error"} <= set(messages)
        assert any(re.fullmatch(r"\[WARNING\]\t.*Z\tto the log", message) for message in messages)
        directory = cloud.log_file.parent
    assert not is_running(worker)
    assert not directory.exists()


def test_a_function_that_hangs_doesnt_hold_it() -> None:
    """It stops soon although a function still runs, and the function ends with it."""
    source = """
        import os, pathlib, time
        def handler(event, context):
            pathlib.Path(os.environ["TMPDIR"], "pid").write_text(str(os.getpid()))
            time.sleep(300)
    """
    with LocalCloud.running() as cloud:
        functions = cloud.client("lambda")
        create_function(functions, source)
        functions.invoke(FunctionName="f", InvocationType="Event")
        pid_file = cloud.log_file.parent / "tmp" / "pid"
        wait_for(lambda: pid_file.exists() and pid_file.read_text() != "")
        worker = int(pid_file.read_text())
        assert is_running(worker)
        stopped = time.monotonic()
    assert time.monotonic() - stopped < 60
    assert not is_running(worker)


def test_it_ends_with_its_parent() -> None:
    """A parent that is killed takes the server, its workers and its files along."""
    program = """
        import sys, time
        from local_cloud import LocalCloud
        with LocalCloud.running() as cloud:
            print(cloud.endpoint_url, cloud.log_file.parent, flush=True)
            time.sleep(60)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        url, directory = parent.stdout.readline().split()
        parent.kill()
        parent.wait()
    port = int(url.rpartition(":")[2])
    wait_for(lambda: not Path(directory).exists())
    wait_for(lambda: not answers(port))


def test_a_killed_server_leaves_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the server itself is killed, its workers end and its starter removes its files."""
    processes = []
    start = subprocess.Popen

    def remembering(*arguments: object, **options: object) -> subprocess.Popen[str]:
        processes.append(start(*arguments, **options))
        return processes[-1]

    monkeypatch.setattr(subprocess, "Popen", remembering)
    with LocalCloud.running() as cloud:
        worker = invoke_a_function(cloud)
        directory = cloud.log_file.parent
        processes[0].kill()
        wait_for(lambda: not is_running(worker))
    assert not directory.exists()


def answers(port: int) -> bool:
    """Return whether something listens on a port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_a_port_in_use_is_said_in_a_sentence() -> None:
    """The command ends with status 1 and one sentence, the function with the same sentence."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            [*COMMAND, "--port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        sentence = (
            f"Error: Can't listen on 127.0.0.1:{port}: Address already in use. "
            "Stop what uses the port, or choose another with --port."
        )
        assert done.returncode == 1
        assert done.stderr == f"{sentence}\n"
        with pytest.raises(LocalCloudError) as caught, LocalCloud.running(port):
            pass
        assert str(caught.value) == sentence


def test_a_directory_that_cant_be_created_is_reported(tmp_path: Path) -> None:
    """If there is a file in the directory's place, the error is one sentence, without a traceback."""
    (tmp_path / "file").touch()
    with (
        pytest.raises(LocalCloudError, match=r"^Error: Can't keep files in .*: Not a directory\.$"),
        LocalCloud.running(directory=tmp_path / "file" / "directory"),
    ):
        pass


def test_a_directory_has_one_server(tmp_path: Path) -> None:
    """A second server doesn't pull the files from under the first."""
    with (
        LocalCloud.running(directory=tmp_path) as cloud,
        pytest.raises(
            LocalCloudError, match=r"another local cloud uses it\. Choose another directory\.$"
        ),
        LocalCloud.running(directory=tmp_path),
    ):
        pass
    assert not answers(int(cloud.endpoint_url.rpartition(":")[2]))


def test_a_chosen_directory_keeps_the_log_only(tmp_path: Path) -> None:
    """Keys and temporary files are removed from it; the log and the bundle stay."""
    with LocalCloud.running(directory=tmp_path) as cloud:
        cloud.client("iam").list_server_certificates()
    assert {path.name for path in tmp_path.iterdir()} == {"ca-bundle.pem", "local-cloud.log"}


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's list of sockets")
def test_it_listens_on_its_one_loopback_port_only() -> None:
    """No other port and no other address is ever opened."""
    with serving() as (process, announced):
        sockets = {
            str(link.readlink()).removeprefix("socket:[").removesuffix("]")
            for link in Path(f"/proc/{process.pid}/fd").iterdir()
            if str(link.readlink()).startswith("socket:")
        }
        listening = []
        for table in ("tcp", "tcp6", "udp", "udp6"):
            for line in Path(f"/proc/{process.pid}/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                # 0A is LISTEN; a UDP socket is always open to its port.
                if fields[9] in sockets and (fields[3] == "0A" or table.startswith("udp")):
                    listening.append((table, fields[1]))
        assert listening == [("tcp", f"0100007F:{announced['port']:04X}")]


def test_it_prints_what_a_terminal_needs() -> None:
    """The printed lines are shell code that leads the AWS CLI and the CDK to it."""
    command = [argument for argument in COMMAND if argument != "--json"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = []
        try:
            while not lines or "To stop it" not in lines[-1]:
                lines.append(process.stdout.readline())
        finally:
            # The context manager waits for the process, even after a failure.
            process.terminate()
        _, errors = process.communicate(timeout=60)
    text = "".join(lines)
    for expected in (
        "unset AWS_",
        "export AWS_ENDPOINT_URL=https://127.0.0.1:",
        "export AWS_ACCESS_KEY_ID=111122223333\n",
        "export AWS_SECRET_ACCESS_KEY=",
        "export AWS_REGION=eu-central-1\n",
        "export CDK_DEFAULT_ACCOUNT=111122223333\n",
        "export NODE_EXTRA_CA_CERTS=/",
        f"kill {process.pid}",
    ):
        assert expected in text
    assert errors == ""


def test_importing_it_is_cheap() -> None:
    """Neither the emulator nor boto3 is imported before it is needed."""
    program = "import sys, local_cloud; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    heavy = {"boto3", "botocore", "ministack", "hypercorn", "cryptography"}
    assert not heavy & set(done.stdout.split())


def test_another_emulator_is_said_in_a_sentence() -> None:
    """An emulator whose insides have changed is refused before anything is served."""
    program = """
        import sys
        import ministack.services.alb as alb
        del alb._listeners
        sys.argv = ["local_cloud", "serve"]
        import runpy
        runpy.run_module("local_cloud", run_name="__main__")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "Error: The installed ministack has no ministack.services.alb._listeners. "
        "Run make setup, which installs the version that pyproject.toml pins.\n"
    )

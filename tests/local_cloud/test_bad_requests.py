"""Requests that are too large, not TLS, or broken off."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.local_cloud.test_process import create_function

from local_cloud import LocalCloud
from support.raw_requests import FORM, LIST, connect, send, signed
from support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.local_cloud

MEBIBYTE = 1024 * 1024
LARGE = 200 * MEBIBYTE
LIMIT = 100 * MEBIBYTE


@pytest.fixture(scope="module")
def own_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """Run a local cloud whose memory and log nobody else uses."""
    with LocalCloud.running(directory=tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


def server_of(cloud: LocalCloud) -> Path:
    """Return the server's directory in /proc."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode()
        except OSError:
            continue
        if str(cloud.log_file.parent) in command:
            return process
    raise AssertionError("no server")


def peak_memory(process: Path) -> int:
    """Return the most memory that a process has had, in bytes."""
    status = (process / "status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def chunks(size: int) -> Iterator[bytes]:
    """Give a body without telling its size."""
    for _ in range(size // MEBIBYTE):
        yield bytes(MEBIBYTE)


linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")


@linux
def test_a_large_body_isnt_kept(own_cloud: LocalCloud) -> None:
    """It is refused in the service's protocol; the memory is that of nothing, or of the limit."""
    server = server_of(own_cloud)
    before = peak_memory(server)
    announced = send(own_cloud, "POST", "/", body=bytes(LARGE), headers=FORM)
    assert announced.status == 413
    assert f"must have at most {LIMIT} bytes" in announced.text
    assert peak_memory(server) - before < 40 * MEBIBYTE
    counted = send(own_cloud, "PUT", "/bucket/key", body=chunks(LARGE))
    assert counted.status == 413
    assert "<Code>RequestEntityTooLarge</Code>" in counted.text
    assert peak_memory(server) - before < LIMIT + 60 * MEBIBYTE


@linux
def test_strangers_cant_have_much_taken_apart(own_cloud: LocalCloud) -> None:
    """Millions of parameters from somebody who knows no secret cost no more than their bytes."""
    server = server_of(own_cloud)
    before = peak_memory(server)
    assert send(own_cloud, "POST", "/", body=b"a=1&" * (10 * MEBIBYTE), headers=FORM).status == 403
    assert peak_memory(server) - before < LIMIT
    answer = "/_ministack/cfn-response/guessed"
    assert send(own_cloud, "PUT", answer, body=bytes(2 * MEBIBYTE)).status == 413


def test_a_large_body_is_refused_before_it_is_sent(own_cloud: LocalCloud) -> None:
    """A client that waits gets the answer at once."""
    connection = connect(own_cloud)
    connection.putrequest("PUT", "/bucket/key")
    connection.putheader("Content-Length", str(LARGE))
    connection.endheaders()
    with connection.getresponse() as answer:
        assert answer.status == 413
    connection.close()


def test_the_largest_body_passes(own_cloud: LocalCloud) -> None:
    """An object of the limit's size can be stored."""
    s3 = own_cloud.client("s3")
    location = {"LocationConstraint": own_cloud.region}
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration=location)
    s3.put_object(Bucket="bucket", Key="k", Body=bytes(LIMIT - MEBIBYTE))
    assert s3.head_object(Bucket="bucket", Key="k")["ContentLength"] == LIMIT - MEBIBYTE


@linux
def test_many_large_bodies_share_the_memory(own_cloud: LocalCloud) -> None:
    """While some fill it, others are told to try again, and small requests too; then it is free again."""
    waiting = []
    for _ in range(3):
        connection = connect(own_cloud)
        connection.putrequest("PUT", "/bucket/key")
        connection.putheader("Content-Length", str(LIMIT))
        connection.endheaders()
        connection.send(bytes(70 * MEBIBYTE))
        waiting.append(connection)
    with waiting[-1].getresponse() as answer:
        assert answer.status == 503
    for connection in waiting:
        connection.close()
    wait_for(lambda: send(own_cloud, "PUT", "/b/k", body=bytes(LIMIT)).status == 403)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_plain_http_is_told_to_use_tls(cloud: LocalCloud, method: str) -> None:
    """A client that forgets the s of https:// gets a sentence, and the connection ends with it."""
    port = int(cloud.endpoint_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(f"{method} / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        answer = client.recv(10_000).decode()
    assert answer.startswith("HTTP/1.1 400 ")
    assert answer.endswith("use https:// instead of http://.\n")


def die(client: socket.socket) -> None:
    """Close a connection as the end of a process may: with a reset."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def test_clients_that_die_leave_nothing_in_the_log(own_cloud: LocalCloud) -> None:
    """Whether they die in the handshake, in the request or during the answer."""
    port = int(own_cloud.endpoint_url.rpartition(":")[2])
    for start in (b"", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n", b"nonsense\r\n\r\n"):
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(start)
        die(client)
    for sent in (10, 30_000):
        for end in (die, socket.socket.close):
            connection = connect(own_cloud)
            connection.putrequest("POST", "/")
            connection.putheader("Content-Length", "100000")
            connection.endheaders()
            connection.send(bytes(sent))
            end(connection.sock)
    connection = connect(own_cloud)
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", "100000")
    connection.putheader("Expect", "100-continue")
    connection.endheaders()
    assert connection.sock.recv(1000).startswith(b"HTTP/1.1 100 ")
    with socket.socket(fileno=os.dup(connection.sock.fileno())) as below:
        below.sendall(b"not TLS any more")
        below.settimeout(60)
        with contextlib.suppress(ConnectionError):
            while below.recv(10_000):
                pass
    connection.close()
    s3 = own_cloud.client("s3")
    location = {"LocationConstraint": own_cloud.region}
    s3.create_bucket(Bucket="large", CreateBucketConfiguration=location)
    s3.put_object(Bucket="large", Key="k", Body=bytes(20 * MEBIBYTE))
    for end in (die, socket.socket.close):
        connection = connect(own_cloud)
        headers = signed(own_cloud, "s3", "GET", "/large/k")
        connection.request("GET", "/large/k", headers=headers)
        connection.sock.recv(1000)
        end(connection.sock)
    create_function(
        own_cloud.client("lambda"), "import time\ndef handler(*_):\n    time.sleep(1)\n"
    )
    connection = connect(own_cloud)
    path = "/2015-03-31/functions/f/invocations"
    connection.request("POST", path, headers=signed(own_cloud, "lambda", "POST", path))
    die(connection.sock)
    own_cloud.client("lambda").invoke(FunctionName="f")

    assert (
        send(
            own_cloud,
            "POST",
            "/",
            body=LIST,
            headers=signed(own_cloud, "iam", "POST", "/", body=LIST, headers=FORM),
        ).status
        == 200
    )
    log = own_cloud.log_file.read_text()
    for word in ("Traceback", "ERROR", "exception was never retrieved"):
        assert word not in log

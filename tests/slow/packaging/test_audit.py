"""The audit: the real pip-audit, asking a server of this machine that speaks like OSV."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from dev.tools import audit
from dev.tools.lambda_dependencies import LOCK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.network

LOCKED = dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK.read_text("utf-8"), re.MULTILINE))


class Database:
    """
    Advisories by the name of their package, and what was asked.

    Attributes:
        advisories: What is answered.
        status: The status of each answer.
        asked: The version that was asked about, by package.
    """

    def __init__(self) -> None:
        self.advisories: dict[str, dict[str, Any]] = {}
        self.status = 200
        self.asked: dict[str, str] = {}
        self.url = ""

    def answer(self, query: dict[str, Any]) -> dict[str, Any]:
        """Answer as OSV does: with nothing at all, where it knows nothing."""
        name = query["package"]["name"]
        assert query["package"]["ecosystem"] == "PyPI"
        self.asked[name] = query["version"]
        return {"vulns": [self.advisories[name]]} if name in self.advisories else {}


@contextmanager
def serving(database: Database) -> Iterator[str]:
    """Serve a database, and yield its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = json.dumps(database.answer(json.loads(self.rfile.read(length)))).encode()
            self.send_response(database.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/query"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database without an advisory."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    database = Database()
    with serving(database) as database.url:
        yield database


def advisory(package: str, **more: object) -> dict[str, Any]:
    """Return an advisory in the words of OSV's schema."""
    events = [{"introduced": "0"}, {"fixed": "999.1"}]
    return {
        "schema_version": "1.7.3",
        "id": "GHSA-2222-3333-4444",
        "aliases": ["CVE-2099-1234"],
        "summary": "Keys are printed.",
        "modified": "2099-01-02T03:04:05Z",
        "published": "2099-01-01T03:04:05Z",
        "affected": [
            {
                "package": {"name": package, "ecosystem": "PyPI"},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }
        ],
        **more,
    }


def test_nothing_known_passes(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    """Each locked version is asked about, and the output says that no advisory is known."""
    assert audit.main(["--osv-url", database.url]) == 0
    assert database.asked.items() >= LOCKED.items()
    assert database.asked.keys() >= {"aws-cdk-lib", "pytest"}
    assert "The Lambda function (3 packages): 0 known advisories.\n" in capsys.readouterr().out


@pytest.mark.parametrize("package", LOCKED)
def test_advisory_for_a_bundled_package_fails(
    package: str, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """The audit names the package, its version, the advisory's ids and the fixed version."""
    database.advisories[package] = advisory(package)
    assert audit.main(["--osv-url", database.url]) == 1
    assert (
        "The Lambda function (3 packages): 1 known advisory:\n"
        f"  {package} {LOCKED[package]}: CVE-2099-1234, GHSA-2222-3333-4444 (fixed in 999.1):"
        " Keys are printed.\n"
    ) in capsys.readouterr().out


def test_advisory_for_development_is_reported(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """An advisory for a package that doesn't ship is printed, but isn't a failure."""
    database.advisories["pytest"] = advisory("pytest")
    assert audit.main(["--osv-url", database.url]) == 0
    printed = capsys.readouterr().out
    assert re.search(
        r"^Development packages \(\d+ packages\): 1 known advisory:$", printed, re.MULTILINE
    )
    assert re.search(r"^  pytest \S+: CVE-2099-1234", printed, re.MULTILINE)


def test_withdrawn_advisory_is_ignored(database: Database) -> None:
    """An advisory that its authors withdrew is not reported."""
    database.advisories["cffi"] = advisory("cffi", withdrawn="2099-02-01T00:00:00Z")
    assert audit.main(["--osv-url", database.url]) == 0
    assert "cffi" in database.asked


def test_error_of_the_database_fails(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """If the database answers with an error, the audit fails with a sentence, without a traceback."""
    database.status = 503
    assert audit.main(["--osv-url", database.url]) == 2
    told = capsys.readouterr().err
    assert "the database of advisories doesn't answer" in told
    assert "503 Server Error" in told
    assert "Traceback" not in told


def test_unreachable_database_fails(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    """If the database can't be reached, the audit fails, and the message says what to do."""
    with serving(database) as url:
        pass
    assert audit.main(["--osv-url", url]) == 2
    told = capsys.readouterr().err
    assert "Connection refused" in told
    assert "Check the network, HTTPS_PROXY and REQUESTS_CA_BUNDLE" in told
    assert database.asked == {}


def test_lock_without_hashes_is_refused(database: Database, tmp_path: Path) -> None:
    """A locked version without a hash is an error."""
    audit.install()
    lock = tmp_path / "requirements.txt"
    lock.write_text("cffi==2.1.1\n", "utf-8")
    with pytest.raises(audit.AuditError, match=r"^It: .* does not contain a hash$"):
        audit.audit(lock, "It", url=database.url)
    assert database.asked == {}

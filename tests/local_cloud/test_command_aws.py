"""The real command against the local cloud: store, list, show, and what can go wrong on the way."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.authority import DAY, Authority, Issued

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_cloud import LocalCloud

COMMAND = Path(sys.executable).parent / "server-certificate"

pytestmark = pytest.mark.local_cloud

STACK = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/0a1b2c3d"
OWNED = [
    {"Key": "cdk-iam-server-certificate:stack-id", "Value": STACK},
    {"Key": "cdk-iam-server-certificate:logical-id", "Value": "Certificate1A2B"},
]


class Shell:
    """Runs the command in a folder of its own."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.environment = cloud.environment()
        self.folder = folder

    def run(
        self, *words: str, without: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the command as a terminal would, with other variables, and without some."""
        kept = {
            name: value
            for name, value in self.environment.items()
            if not (without and re.match(without, name))
        }
        return subprocess.run(
            [str(COMMAND), *words],
            cwd=self.folder,
            env=kept | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def json(self, *words: str) -> Any:  # noqa: ANN401 - whatever the command writes
        """Run the command for machines; it must succeed."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Return an authority whose certificates are valid now: the cloud reads the clock."""
    return Authority.root(at=datetime.now(UTC)).intermediate()


@pytest.fixture(scope="module")
def leaf(authority: Authority) -> Issued:
    """Return a certificate that nothing is wrong with."""
    return authority.leaf("www.example.com")


@pytest.fixture
def shell(cloud: LocalCloud, tmp_path: Path, leaf: Issued) -> Shell:
    """Return a shell in a folder with a certificate, for an empty cloud."""
    write(tmp_path / "www", leaf)
    return Shell(cloud, tmp_path)


def write(folder: Path, issued: Issued) -> None:
    """Write certificate, chain and key as certbot does."""
    folder.mkdir()
    (folder / "cert.pem").write_text(issued.pem)
    (folder / "chain.pem").write_text(issued.chain_pem(root=False))
    (folder / "privkey.pem").write_text(issued.key_pem())


def upload(iam: Any, name: str, issued: Issued, **parameters: object) -> str:  # noqa: ANN401 - boto3 makes its clients at run time
    """Upload a certificate and return its id."""
    answer = iam.upload_server_certificate(
        ServerCertificateName=name,
        CertificateBody=issued.pem,
        PrivateKey=issued.key_pem(),
        CertificateChain=issued.chain_pem(root=False),
        **parameters,
    )
    return str(answer["ServerCertificateMetadata"]["ServerCertificateId"])


def test_store(shell: Shell, cloud: LocalCloud, authority: Authority, leaf: Issued) -> None:
    """Store creates, leaves alone what is the same, and adds a version for what is not."""
    secrets = cloud.client("secretsmanager")
    write(shell.folder / "renewed", authority.leaf("www.example.com"))

    created = shell.json("store", "--secret", "www/certificate", "www")
    again = shell.json("store", "--secret", "www/certificate", "www")
    renewed = shell.json("store", "--secret", created["secret_arn"], "renewed")

    assert created["changed"] is True
    assert again == {**created, "changed": False}
    assert renewed["changed"] is True
    assert renewed["secret_arn"] == created["secret_arn"]
    first = secrets.get_secret_value(SecretId="www/certificate", VersionId=created["version_id"])
    assert json.loads(first["SecretString"]) == {
        "certificate": leaf.pem,
        "privateKey": leaf.key_pem(),
        "certificateChain": leaf.chain_pem(root=False),
    }
    assert first["VersionStages"] == ["AWSPREVIOUS"]


def test_stored_material_can_be_uploaded(shell: Shell, cloud: LocalCloud) -> None:
    """IAM takes the fields of the secret as they are."""
    shell.json("store", "--secret", "www", "www")
    stored = cloud.client("secretsmanager").get_secret_value(SecretId="www")["SecretString"]
    fields = json.loads(stored)
    cloud.client("iam").upload_server_certificate(
        ServerCertificateName="www",
        CertificateBody=fields["certificate"],
        PrivateKey=fields["privateKey"],
        CertificateChain=fields["certificateChain"],
    )


def test_store_over_something_else(shell: Shell, cloud: LocalCloud) -> None:
    """A secret that holds something else keeps it, unless --force says otherwise."""
    secrets = cloud.client("secretsmanager")
    secrets.create_secret(Name="db", SecretString='{"password": "hunter2"}')

    refused = shell.run("store", "--secret", "db", "www")
    kept = secrets.get_secret_value(SecretId="db")["SecretString"]
    forced = shell.run("store", "--secret", "db", "www", "--force")

    assert refused.returncode == 1
    assert "holds a field that is neither" in refused.stderr
    assert "hunter2" not in refused.stdout + refused.stderr
    assert kept == '{"password": "hunter2"}'
    assert forced.returncode == 0
    assert "certificate" in secrets.get_secret_value(SecretId="db")["SecretString"]


def test_store_into_what_is_to_be_deleted(shell: Shell, cloud: LocalCloud) -> None:
    """A secret that is scheduled for deletion can be restored by the command that is told."""
    secrets = cloud.client("secretsmanager")
    secrets.create_secret(Name="www", SecretString="{}")
    secrets.delete_secret(SecretId="www", RecoveryWindowInDays=7)

    done = shell.run("store", "--secret", "www", "www")

    assert done.returncode == 1
    assert "aws secretsmanager restore-secret --secret-id www" in done.stderr
    secrets.restore_secret(SecretId="www")
    assert shell.json("store", "--secret", "www", "www")["changed"] is True


def test_list(shell: Shell, cloud: LocalCloud, authority: Authority, leaf: Issued) -> None:
    """A full account is listed, soonest first, with owners, by path if wanted, and the quota."""
    iam = cloud.client("iam")
    for number in range(18):
        upload(iam, f"certificate-{number:02}", leaf)
    short = authority.leaf("www.example.com", not_after=authority.at + 5 * DAY)
    upload(iam, "short", short, Path="/cloudfront/www/")
    upload(iam, "owned", leaf, Path="/cloudfront/", Tags=OWNED)

    done = shell.run("list")
    by_path = shell.json("list", "--path-prefix", "/cloudfront")

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 24
    assert re.fullmatch(
        r"short +/cloudfront/www/ +ASCA\w{17} +[\d-]{10} +4 soon +[\d-]{10} +-", lines[1]
    )
    assert any(line.endswith("  web/Certificate1A2B") for line in lines)
    assert lines[-1] == "The account holds 20 of at most 20."
    assert [item["name"] for item in by_path] == ["short", "owned"]
    assert by_path[1]["owner"]["stack_name"] == "web"


def test_show(shell: Shell, cloud: LocalCloud, leaf: Issued) -> None:
    """Show finds a certificate by name, id and ARN, and tells all that IAM has of it."""
    iam = cloud.client("iam")
    certificate_id = upload(iam, "www", leaf, Path="/edge/", Tags=OWNED)
    upload(iam, "theirs", leaf)

    arn = "arn:aws:iam::111122223333:server-certificate/edge/www"
    shown = [shell.json("show", name) for name in ("www", certificate_id, arn)]
    text = shell.run("show", "www").stdout
    theirs = shell.run("show", "theirs").stdout
    missing = shell.run("show", "their")

    assert {item["id"] for item in shown} == {certificate_id}
    assert shown[0]["assessment"]["accepted_as_is"] is True
    assert "stack web, resource Certificate1A2B" in text
    assert "its tags don't name a stack" in theirs
    assert missing.returncode == 1
    assert "Did you mean 'theirs'?" in missing.stderr


def test_shown_pem(shell: Shell, cloud: LocalCloud, leaf: Issued) -> None:
    """What --pem writes is what IAM returns, and check takes it."""
    iam = cloud.client("iam")
    upload(iam, "www", leaf)
    stored = iam.get_server_certificate(ServerCertificateName="www")["ServerCertificate"]

    written = shell.run("show", "www", "--pem").stdout

    assert written == f"{stored['CertificateBody']}\n{stored['CertificateChain']}\n"
    (shell.folder / "shown.pem").write_text(written)
    assert shell.run("check", "--certificate", "shown.pem").returncode == 0


def test_temporary_credentials(shell: Shell, cloud: LocalCloud) -> None:
    """Credentials of STS work like others."""
    given = cloud.client("sts").get_session_token()["Credentials"]
    done = shell.run(
        "list",
        AWS_ACCESS_KEY_ID=given["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=given["SecretAccessKey"],
        AWS_SESSION_TOKEN=given["SessionToken"],
    )
    assert done.returncode == 0, done.stderr


def test_without_region(shell: Shell) -> None:
    """List works without a Region, store says that it needs one."""
    assert shell.run("list", without="AWS_(DEFAULT_)?REGION").returncode == 0
    done = shell.run("store", "--secret", "www", "www", without="AWS_(DEFAULT_)?REGION")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: No AWS Region is configured")


def test_without_credentials(shell: Shell) -> None:
    """Without credentials that is the sentence, at once."""
    done = shell.run("list", without="AWS_(ACCESS|SECRET)")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: There are no AWS credentials.")
    assert done.stderr.count("\n") == 1


def test_without_credentials_on_a_laptop(shell: Shell) -> None:
    """Where credentials are looked for at an address that never answers, it is given up soon."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        done = shell.run(
            "list",
            without="AWS_(ACCESS|SECRET|EC2)",
            AWS_EC2_METADATA_SERVICE_ENDPOINT=f"http://127.0.0.1:{silent.getsockname()[1]}",
        )
    assert done.stderr.startswith("Error: There are no AWS credentials.")
    assert time.monotonic() - begun < 30


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """Give everybody the same answer, and yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "code", "message", "sentence"),
    [
        (
            403,
            "AccessDenied",
            (
                "User: arn:aws:iam::111122223333:user/me is not authorized to perform:"
                " iam:ListServerCertificates on resource: *"
            ),
            "AWS denies iam:ListServerCertificates on * to arn:aws:iam::111122223333:user/me.",
        ),
        (400, "Throttling", "Rate exceeded", "IAM is asked too often in this account"),
        (403, "ExpiredToken", "The token has expired", "The AWS credentials have expired"),
        (500, "ServiceFailure", "Oh", "IAM has a failure of its own"),
    ],
)
def test_refusals(status: int, code: str, message: str, sentence: str, shell: Shell) -> None:
    """What AWS refuses is one sentence, and exit code 1."""
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    with answering(status, f"{body}</ErrorResponse>".encode()) as address:
        done = shell.run("list", AWS_ENDPOINT_URL=address)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {sentence}")
    assert done.stderr.count("\n") == 1


def test_unreachable(shell: Shell) -> None:
    """An address where nobody listens is told."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    done = shell.run("store", "--secret", "www", "www", AWS_ENDPOINT_URL=address)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: Secrets Manager cannot be reached at {address}/.")


@pytest.mark.parametrize(
    "words", [("list",), ("show", "www"), ("store", "--secret", "www", "www", "--json")]
)
@pytest.mark.parametrize("body", [b"<html><p>Sign in<p></html>", b"{}"])
def test_something_else_answers(words: tuple[str, ...], body: bytes, shell: Shell) -> None:
    """What is no AWS, a hotel's sign-in page for one, is told as such."""
    with answering(200, body) as address:
        done = shell.run(*words, AWS_ENDPOINT_URL=address)
    assert done.returncode == 1
    assert "is not AWS: check proxies and AWS_ENDPOINT_URL." in done.stderr

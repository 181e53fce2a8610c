"""The real command against the local cloud: store, list, show, prune, release, and their errors."""

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
from server_certificate.contract.ownership import LOGICAL_ID_TAG, RETAIN_TAG, STACK_ID_TAG
from support.consumers import https_listener, load_balancer
from support.inline_functions import ANSWERING, create_function

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
EMPTY = '{"Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}'


class Shell:
    """Runs the command in its own folder."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.environment = cloud.environment()
        self.folder = folder

    def run(
        self, *words: str, without: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the command as on a terminal, with changed environment variables."""
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
        """Run the command with JSON output, which must succeed."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Return an authority whose certificates are valid now, because the cloud checks the current time."""
    return Authority.root(at=datetime.now(UTC)).intermediate()


@pytest.fixture(scope="module")
def leaf(authority: Authority) -> Issued:
    """Return a valid certificate."""
    return authority.leaf("www.example.com")


@pytest.fixture
def shell(cloud: LocalCloud, tmp_path: Path, leaf: Issued) -> Shell:
    """Return a shell in a folder with a certificate, for an empty cloud."""
    write(tmp_path / "www", leaf)
    return Shell(cloud, tmp_path)


def write(folder: Path, issued: Issued) -> None:
    """Write the certificate, chain and private key like certbot."""
    folder.mkdir()
    (folder / "cert.pem").write_text(issued.pem)
    (folder / "chain.pem").write_text(issued.chain_pem(root=False))
    (folder / "privkey.pem").write_text(issued.key_pem())


def upload(iam: Any, name: str, issued: Issued, **parameters: object) -> str:  # noqa: ANN401 - boto3 makes its clients at run time
    """Upload a certificate, and return its id."""
    answer = iam.upload_server_certificate(
        ServerCertificateName=name,
        CertificateBody=issued.pem,
        PrivateKey=issued.key_pem(),
        CertificateChain=issued.chain_pem(root=False),
        **parameters,
    )
    return str(answer["ServerCertificateMetadata"]["ServerCertificateId"])


def test_store(shell: Shell, cloud: LocalCloud, authority: Authority, leaf: Issued) -> None:
    """Store creates a secret, writes nothing if the content is the same, and adds a version otherwise."""
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
    """IAM accepts the fields of the secret unchanged."""
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
    """A secret with other content is only replaced with --force."""
    secrets = cloud.client("secretsmanager")
    secrets.create_secret(Name="db", SecretString='{"password": "hunter2"}')

    refused = shell.run("store", "--secret", "db", "www")
    kept = secrets.get_secret_value(SecretId="db")["SecretString"]
    forced = shell.run("store", "--secret", "db", "www", "--force")

    assert refused.returncode == 1
    assert "contains a field other than" in refused.stderr
    assert "hunter2" not in refused.stdout + refused.stderr
    assert kept == '{"password": "hunter2"}'
    assert forced.returncode == 0
    assert "certificate" in secrets.get_secret_value(SecretId="db")["SecretString"]


def test_store_into_what_is_to_be_deleted(shell: Shell, cloud: LocalCloud) -> None:
    """The command that the error prints restores a secret that is scheduled for deletion."""
    secrets = cloud.client("secretsmanager")
    secrets.create_secret(Name="www", SecretString="{}")
    secrets.delete_secret(SecretId="www", RecoveryWindowInDays=7)

    done = shell.run("store", "--secret", "www", "www")

    assert done.returncode == 1
    assert "aws secretsmanager restore-secret --secret-id www" in done.stderr
    secrets.restore_secret(SecretId="www")
    assert shell.json("store", "--secret", "www", "www")["changed"] is True


def test_list(shell: Shell, cloud: LocalCloud, authority: Authority, leaf: Issued) -> None:
    """The list of a full account is sorted by expiry, with owners, a path prefix, and the quota."""
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
        r"short +www\.example\.com +4 days left, soon +- +- +ASCA\w{17} +/cloudfront/www/ +[\d-]{10}",
        lines[1],
    )
    assert any("  stack gone" in line and "  web/Certificate1A2B  " in line for line in lines)
    assert lines[-1] == "Quota: 20 of 20 used in this account."
    assert [item["name"] for item in by_path["certificates"]] == ["short", "owned"]
    assert by_path["certificates"][1]["owner"]["stack_name"] == "web"


def test_show(shell: Shell, cloud: LocalCloud, leaf: Issued) -> None:
    """Show finds a certificate by name, id and ARN, and prints everything about it."""
    iam = cloud.client("iam")
    certificate_id = upload(iam, "www", leaf, Path="/edge/", Tags=OWNED)
    upload(iam, "theirs", leaf)

    arn = "arn:aws:iam::111122223333:server-certificate/edge/www"
    shown = [shell.json("show", name)["certificates"][0] for name in ("www", certificate_id, arn)]
    text = shell.run("show", "www").stdout
    theirs = shell.run("show", "theirs").stdout
    missing = shell.run("show", "their")

    assert {item["id"] for item in shown} == {certificate_id}
    assert shown[0]["assessment"]["accepted_as_is"] is True
    assert "stack web, resource Certificate1A2B" in text
    assert "none (no ownership tags)" in theirs
    assert missing.returncode == 1
    assert "Did you mean 'theirs'?" in missing.stderr


def test_shown_pem(shell: Shell, cloud: LocalCloud, leaf: Issued) -> None:
    """The output of --pem is what IAM returns, and check accepts it."""
    iam = cloud.client("iam")
    upload(iam, "www", leaf)
    stored = iam.get_server_certificate(ServerCertificateName="www")["ServerCertificate"]

    written = shell.run("show", "www", "--pem").stdout

    assert written == f"{stored['CertificateBody']}\n{stored['CertificateChain']}\n"
    (shell.folder / "shown.pem").write_text(written)
    assert shell.run("check", "--certificate", "shown.pem").returncode == 0


def test_prune_and_release(shell: Shell, cloud: LocalCloud, leaf: Issued) -> None:
    """What stacks have left behind is deleted unless it is in use or retained, which can be released."""
    iam, stacks = cloud.client("iam"), cloud.client("cloudformation")
    answer = json.dumps({"PhysicalResourceId": upload(iam, "skipped", leaf)})
    token = create_function(cloud, "f", ANSWERING)
    skipped = {
        "Type": "Custom::Certificate",
        "DeletionPolicy": "Retain",
        "Properties": {"ServiceToken": token, "Answer": answer},
    }
    template = json.dumps({"Resources": {"C": skipped}})
    ids = {"never": STACK}
    for name in ("here", "gone"):
        resources = template if name == "gone" else EMPTY
        ids[name] = stacks.create_stack(StackName=name, TemplateBody=resources)["StackId"]
        stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    stacks.delete_stack(StackName="gone")
    stacks.get_waiter("stack_delete_complete").wait(
        StackName=ids["gone"], WaiterConfig={"Delay": 1}
    )
    for name, stack, retain in (
        ("left", "here", False),
        ("gone", "gone", False),
        ("never", "never", False),
        ("used", "gone", False),
        ("kept", "gone", True),
    ):
        tags = [{"Key": STACK_ID_TAG, "Value": ids[stack]}, {"Key": LOGICAL_ID_TAG, "Value": "C"}]
        tags += [{"Key": RETAIN_TAG, "Value": "true"}] if retain else []
        upload(iam, name, leaf, Tags=tags)
    owned = [{"Key": STACK_ID_TAG, "Value": ids["gone"]}, {"Key": LOGICAL_ID_TAG, "Value": "C"}]
    iam.tag_server_certificate(ServerCertificateName="skipped", Tags=owned)
    upload(iam, "foreign", leaf)
    used = iam.get_server_certificate(ServerCertificateName="used")["ServerCertificate"]
    listener = https_listener(cloud, load_balancer(cloud), used["ServerCertificateMetadata"]["Arn"])

    listed = shell.json("list", "--consumers")["certificates"]
    planned = shell.json("prune", "--older-than", "0h")
    done = shell.json("prune", "--older-than", "0h", "--yes")
    refused = shell.run("release", "kept")
    released = shell.json("release", "kept", "--yes")

    assert {item["name"]: item["state"] for item in listed} == {
        "left": "left-behind",
        "foreign": "unmanaged",
        **dict.fromkeys(("gone", "never", "used", "kept", "skipped"), "stack-gone"),
    }
    assert {item["name"] for item in listed if item["retained"]} == {"kept", "skipped"}
    assert {item["name"]: item["consumers"] for item in listed if item["consumers"]} == {
        "used": [listener]
    }
    to_delete = {"left", "gone", "never", "used"}
    assert {
        item["name"] for item in planned["certificates"] if item["outcome"] == "planned"
    } == to_delete
    assert {item["name"]: item["outcome"] for item in done["certificates"]} == {
        **dict.fromkeys(("left", "gone", "never"), "deleted"),
        "used": "in-use",
        **dict.fromkeys(("kept", "skipped", "foreign"), "kept"),
    }
    assert "Nothing was changed." in refused.stdout
    assert released["released"] is True
    assert iam.list_server_certificate_tags(ServerCertificateName="kept")["Tags"] == []


def test_temporary_credentials(shell: Shell, cloud: LocalCloud) -> None:
    """Credentials from STS work."""
    given = cloud.client("sts").get_session_token()["Credentials"]
    done = shell.run(
        "list",
        AWS_ACCESS_KEY_ID=given["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=given["SecretAccessKey"],
        AWS_SESSION_TOKEN=given["SessionToken"],
    )
    assert done.returncode == 0, done.stderr


def test_without_region(shell: Shell) -> None:
    """List works without a Region, but store requires one."""
    assert shell.run("list", without="AWS_(DEFAULT_)?REGION").returncode == 0
    done = shell.run("store", "--secret", "www", "www", without="AWS_(DEFAULT_)?REGION")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: No AWS Region is configured")


def test_without_credentials(shell: Shell) -> None:
    """Without credentials, the command fails immediately with a message."""
    done = shell.run("list", without="AWS_(ACCESS|SECRET)")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: There are no AWS credentials.")
    assert done.stderr.count("\n") == 1


def test_without_credentials_on_a_laptop(shell: Shell) -> None:
    """If the address for credentials doesn't respond, the command gives up soon."""
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
    """Send the same response to everyone, and yield the address."""

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
            "AWS denied iam:ListServerCertificates on * to arn:aws:iam::111122223333:user/me.",
        ),
        (400, "Throttling", "Rate exceeded", "IAM throttled the request"),
        (403, "ExpiredToken", "The token has expired", "The AWS credentials have expired"),
        (500, "ServiceFailure", "Oh", "IAM returned a server error"),
    ],
)
def test_refusals(status: int, code: str, message: str, sentence: str, shell: Shell) -> None:
    """An error from AWS is reported in one sentence, with exit code 1."""
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    with answering(status, f"{body}</ErrorResponse>".encode()) as address:
        done = shell.run("list", AWS_ENDPOINT_URL=address)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {sentence}")
    assert done.stderr.count("\n") == 1


def test_unreachable(shell: Shell) -> None:
    """An unreachable address is reported."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    done = shell.run("store", "--secret", "www", "www", AWS_ENDPOINT_URL=address)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: Secrets Manager can't be reached at {address}/.")


@pytest.mark.parametrize(
    "words", [("list",), ("show", "www"), ("store", "--secret", "www", "www", "--json")]
)
@pytest.mark.parametrize("body", [b"<html><p>Sign in<p></html>", b"{}"])
def test_something_else_answers(words: tuple[str, ...], body: bytes, shell: Shell) -> None:
    """A response that isn't from AWS, such as a sign-in page, is reported."""
    with answering(200, body) as address:
        done = shell.run(*words, AWS_ENDPOINT_URL=address)
    assert done.returncode == 1
    assert "Check the proxy settings and AWS_ENDPOINT_URL." in done.stderr

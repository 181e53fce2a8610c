"""The real AWS CLI against the local cloud: the user guide's commands, and a table of errors."""

from __future__ import annotations

import base64
import json
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.local_cloud.conftest import CertificateFactory, Issued
    from types_boto3_iam import IAMClient

    from local_cloud import LocalCloud

    Parameters = dict[str, Any] | Callable[[CertificateFactory], dict[str, Any]]

AWS = Path(sys.prefix) / "bin" / "aws"
"""The launcher that `make setup` makes."""

pytestmark = pytest.mark.local_cloud


def nothing(_iam: IAMClient, _make: CertificateFactory) -> None:
    """Leave the account empty."""


def www(iam: IAMClient, make: CertificateFactory) -> None:
    """Upload one certificate named www."""
    iam.upload_server_certificate(**make.upload_parameters())


def www_and_other(iam: IAMClient, make: CertificateFactory) -> None:
    """Upload two certificates."""
    www(iam, make)
    iam.upload_server_certificate(**make.upload_parameters("other"))


def a_full_account(iam: IAMClient, make: CertificateFactory) -> None:
    """Upload as many certificates as an account may hold."""
    for number in range(20):
        iam.upload_server_certificate(**make.upload_parameters(f"certificate-{number}"))


def fifty_tags(iam: IAMClient, make: CertificateFactory) -> None:
    """Upload one certificate with as many tags as it may carry."""
    tags = [{"Key": f"key-{number}", "Value": ""} for number in range(50)]
    iam.upload_server_certificate(**make.upload_parameters(Tags=tags))


UNPARSABLE = "Unable to parse certificate. Please ensure the certificate is in PEM format."
CHAIN = (
    "Unable to validate certificate chain. The certificate chain must start with the immediate "
    "signing certificate, followed by any intermediaries in order. The index within the chain of "
    "the invalid certificate is: {}"
)
NAME = (
    "The specified value for {} is invalid. It must contain only alphanumeric characters and/or "
    "the following: +=,.@_-"
)
PATH = (
    "The specified value for {} is invalid. It must begin and end with / and contain only "
    "alphanumeric characters and/or / characters."
)
ONE = "1 validation error detected: Value at '{}' failed to satisfy constraint: Member must {}"
MISSING = "The Server Certificate with name missing cannot be found."
TAKEN = "The Server Certificate with name {} already exists."
DUPLICATE_TAGS = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
TAG_KEY_PATTERN = r"satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+"
PEM_PATTERN = r"satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+"


@dataclass(frozen=True)
class Refusal:
    """
    One row: what is asked of which account, and the code, status and text of the answer.

    ``parameters`` are those of the API; a function gets the certificate factory.
    """

    about: str
    operation: str
    parameters: Parameters
    code: str
    status: int
    text: str
    before: Callable[[IAMClient, CertificateFactory], None] = field(default=nothing)


def upload(**changes: object) -> Callable[[CertificateFactory], dict[str, Any]]:
    """Change the parameters of an upload; a function gets the certificate factory."""

    def parameters(make: CertificateFactory) -> dict[str, Any]:
        return make.upload_parameters(
            **{name: value(make) if callable(value) else value for name, value in changes.items()}
        )

    return parameters


def issued(leaf: str, *chain: str) -> Callable[[CertificateFactory], dict[str, Any]]:
    """Upload a certificate of the factory's hierarchy with a chain of others."""

    def parameters(make: CertificateFactory) -> dict[str, Any]:
        certificate = getattr(make, leaf)
        return make.upload_parameters(
            CertificateBody=certificate.pem,
            PrivateKey=certificate.key_pem,
            CertificateChain="\n".join(getattr(make, name).pem for name in chain),
        )

    return parameters


def certificate(
    make_it: Callable[[CertificateFactory], Issued],
) -> Callable[[CertificateFactory], dict[str, Any]]:
    """Upload a certificate made to order, without a chain."""

    def parameters(make: CertificateFactory) -> dict[str, Any]:
        made = make_it(make)
        return make.upload_parameters(CertificateBody=made.pem, PrivateKey=made.key_pem)

    return parameters


def _impostor(make: CertificateFactory) -> dict[str, Any]:
    impostor = make.issue("Intermediate", authority=True)
    return make.upload_parameters(
        CertificateBody=make.leaf.pem,
        PrivateKey=make.leaf.key_pem,
        CertificateChain=impostor.pem,
    )


def _text_before_chain(make: CertificateFactory) -> dict[str, Any]:
    return make.upload_parameters(
        CertificateBody=make.leaf.pem,
        PrivateKey=make.leaf.key_pem,
        CertificateChain=f"subject=CN = Intermediate\n{make.intermediate.pem}",
    )


def malformed(about: str, parameters: Parameters, text: str = UNPARSABLE) -> Refusal:
    """Write a row for a certificate that IAM refuses."""
    return Refusal(about, "upload", parameters, "MalformedCertificate", 400, text)


def invalid(about: str, operation: str, parameters: Parameters, text: str) -> Refusal:
    """Write a row for a parameter that IAM refuses."""
    return Refusal(about, operation, parameters, "ValidationError", 400, text)


def missing(operation: str, **parameters: object) -> Refusal:
    """Write a row for a certificate that isn't there."""
    named = {"ServerCertificateName": "missing"} | parameters
    return Refusal(f"{operation}-missing", operation, named, "NoSuchEntity", 404, MISSING)


def tags(*keys: str, name: str = "www", value: str = "v") -> dict[str, Any]:
    """Tag a certificate."""
    return {
        "ServerCertificateName": name,
        "Tags": [{"Key": key, "Value": value} for key in keys],
    }


REFUSALS = (
    missing("get"),
    missing("delete"),
    missing("update", NewPath="/x/"),
    missing("tag", Tags=[{"Key": "k", "Value": "v"}]),
    missing("untag", TagKeys=["k"]),
    missing("list-tags"),
    Refusal("name-taken", "upload", upload(), "EntityAlreadyExists", 409, TAKEN.format("www"), www),
    Refusal(
        "name-taken-under-another-path",
        "upload",
        upload(Path="/x/"),
        "EntityAlreadyExists",
        409,
        TAKEN.format("www"),
        www,
    ),
    Refusal(
        "name-taken-in-another-case",
        "upload",
        upload(ServerCertificateName="WWW"),
        "EntityAlreadyExists",
        409,
        TAKEN.format("WWW"),
        www,
    ),
    Refusal(
        "name-taken-before-material-is-read",
        "upload",
        upload(CertificateBody="nonsense"),
        "EntityAlreadyExists",
        409,
        TAKEN.format("www"),
        www,
    ),
    Refusal(
        "update-onto-existing",
        "update",
        {"ServerCertificateName": "www", "NewServerCertificateName": "other"},
        "EntityAlreadyExists",
        409,
        TAKEN.format("other"),
        www_and_other,
    ),
    Refusal(
        "quota",
        "upload",
        upload(),
        "LimitExceeded",
        409,
        "Cannot exceed quota for ServerCertificatesPerAccount: 20",
        a_full_account,
    ),
    Refusal(
        "key-of-another-certificate",
        "upload",
        upload(PrivateKey=lambda make: make.leaf.key_pem),
        "KeyPairMismatch",
        400,
        "The public key certificate and the private key do not match.",
    ),
    malformed("body-is-no-pem", upload(CertificateBody="certificate")),
    malformed("body-is-a-file-name", upload(CertificateBody="file://Certificate.pem")),
    malformed(
        "body-is-base64-of-pem",
        upload(
            CertificateBody=lambda make: base64.b64encode(make.self_signed.pem.encode()).decode()
        ),
    ),
    malformed(
        "body-has-no-armour",
        upload(CertificateBody=lambda make: make.self_signed.pem.split("-----")[2]),
    ),
    malformed(
        "body-is-cut-off",
        upload(CertificateBody=lambda make: make.self_signed.pem[:300]),
    ),
    malformed(
        "body-lost-its-line-ends",
        upload(CertificateBody=lambda make: make.self_signed.pem.replace("\n", " ")),
    ),
    malformed(
        "body-with-text-before",
        upload(CertificateBody=lambda make: f"subject=CN = x\n{make.self_signed.pem}"),
    ),
    malformed("body-is-a-key", upload(CertificateBody=lambda make: make.self_signed.key_pem)),
    malformed("key-is-no-pem", upload(PrivateKey="key")),
    malformed("key-is-a-certificate", upload(PrivateKey=lambda make: make.self_signed.pem)),
    malformed(
        "key-encrypted-pkcs8",
        upload(PrivateKey=lambda make: make.self_signed.encrypted_key_pem(PrivateFormat.PKCS8)),
    ),
    malformed(
        "key-encrypted-traditional",
        upload(
            PrivateKey=lambda make: make.self_signed.encrypted_key_pem(
                PrivateFormat.TraditionalOpenSSL
            )
        ),
    ),
    malformed("chain-is-no-pem", upload(CertificateChain="chain")),
    malformed(
        "not-yet-valid",
        certificate(lambda make: make.issue("x", valid_from=timedelta(hours=1))),
    ),
    malformed(
        "expired",
        certificate(
            lambda make: make.issue(
                "x", valid_from=timedelta(hours=-2), valid_for=timedelta(hours=1)
            )
        ),
        "Certificate is no longer valid. "
        "The 'Not After' date restriction on the certificate has passed.",
    ),
    malformed("chain-starts-with-root", issued("leaf", "root", "intermediate"), CHAIN.format(-1)),
    malformed("chain-is-unrelated", issued("leaf", "self_signed"), CHAIN.format(-1)),
    malformed("chain-forged", _impostor, CHAIN.format(-1)),
    malformed(
        "chain-contains-the-leaf", issued("leaf", "intermediate", "leaf", "root"), CHAIN.format(0)
    ),
    malformed(
        "chain-goes-on-after-root", issued("leaf", "intermediate", "root", "leaf"), CHAIN.format(1)
    ),
    malformed("chain-with-text-before", _text_before_chain, CHAIN.format(0)),
    invalid(
        "name-characters",
        "get",
        {"ServerCertificateName": "a b"},
        NAME.format("serverCertificateName"),
    ),
    invalid(
        "new-name-characters",
        "update",
        {"ServerCertificateName": "www", "NewServerCertificateName": "a/b"},
        NAME.format("newServerCertificateName"),
    ),
    invalid(
        "name-length",
        "delete",
        {"ServerCertificateName": "x" * 129},
        ONE.format("serverCertificateName", "have length less than or equal to 128"),
    ),
    invalid(
        "name-empty",
        "get",
        {"ServerCertificateName": ""},
        ONE.format("serverCertificateName", "have length greater than or equal to 1"),
    ),
    invalid("name-absent", "get", {}, ONE.format("serverCertificateName", "not be null")),
    invalid("path-characters", "upload", upload(Path="/no end"), PATH.format("path")),
    invalid(
        "new-path-characters",
        "update",
        {"ServerCertificateName": "www", "NewPath": "x/"},
        PATH.format("newPath"),
    ),
    invalid("path-prefix-characters", "list", {"PathPrefix": "x"}, PATH.format("pathPrefix")),
    invalid(
        "path-length",
        "upload",
        upload(Path=f"/{'x' * 511}/"),
        ONE.format("path", "have length less than or equal to 512"),
    ),
    invalid(
        "body-empty",
        "upload",
        upload(CertificateBody=""),
        ONE.format("certificateBody", "have length greater than or equal to 1"),
    ),
    invalid(
        "body-length",
        "upload",
        upload(CertificateBody="x" * 16_385),
        ONE.format("certificateBody", "have length less than or equal to 16384"),
    ),
    invalid(
        "body-characters",
        "upload",
        upload(CertificateBody="\u2026"),
        ONE.format("certificateBody", PEM_PATTERN),
    ),
    invalid(
        "key-empty",
        "upload",
        upload(PrivateKey=""),
        ONE.format("privateKey", "have length greater than or equal to 1"),
    ),
    invalid(
        "key-length",
        "upload",
        upload(PrivateKey="x" * 16_385),
        ONE.format("privateKey", "have length less than or equal to 16384"),
    ),
    invalid(
        "chain-length",
        "upload",
        upload(CertificateChain="x" * 2_097_153),
        ONE.format("certificateChain", "have length less than or equal to 2097152"),
    ),
    invalid(
        "several-constraints-at-once",
        "upload",
        upload(ServerCertificateName="x" * 129, PrivateKey=""),
        "2 validation errors detected: "
        "Value at 'serverCertificateName' failed to satisfy constraint: "
        "Member must have length less than or equal to 128; "
        "Value at 'privateKey' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1",
    ),
    invalid(
        "max-items-too-small",
        "list",
        {"MaxItems": 0},
        ONE.format("maxItems", "have value greater than or equal to 1"),
    ),
    invalid(
        "max-items-too-large",
        "list",
        {"MaxItems": 1001},
        ONE.format("maxItems", "have value less than or equal to 1000"),
    ),
    invalid("marker-of-nobody", "list", {"Marker": "nonsense"}, "Invalid Marker."),
    Refusal("tag-keys-repeated", "tag", tags("k", "K"), "InvalidInput", 400, DUPLICATE_TAGS, www),
    Refusal(
        "tag-keys-repeated-at-upload",
        "upload",
        upload(Tags=[{"Key": "k", "Value": "a"}, {"Key": "K", "Value": "b"}]),
        "InvalidInput",
        400,
        DUPLICATE_TAGS,
    ),
    Refusal(
        "tag-key-reserved",
        "tag",
        tags("aws:x"),
        "InvalidInput",
        400,
        "Tag keys must not begin with the reserved prefix aws:",
        www,
    ),
    Refusal(
        "tags-over-limit-after-merge",
        "tag",
        tags("one-more"),
        "LimitExceeded",
        409,
        "The number of tags has reached the maximum limit.",
        fifty_tags,
    ),
    invalid(
        "tags-over-limit-at-once",
        "tag",
        tags(*(f"key-{number}" for number in range(51))),
        ONE.format("tags", "have length less than or equal to 50"),
    ),
    invalid(
        "tag-key-length",
        "tag",
        tags("fine", "x" * 129),
        ONE.format("tags.2.member.key", "have length less than or equal to 128"),
    ),
    invalid(
        "tag-key-characters", "tag", tags("a?"), ONE.format("tags.1.member.key", TAG_KEY_PATTERN)
    ),
    invalid(
        "tag-value-length",
        "tag",
        tags("k", value="x" * 257),
        ONE.format("tags.1.member.value", "have length less than or equal to 256"),
    ),
    invalid(
        "untag-key-length",
        "untag",
        {"ServerCertificateName": "www", "TagKeys": ["x" * 129]},
        ONE.format(
            "tagKeys", "satisfy constraint: [Member must have length less than or equal to 128]"
        ),
    ),
    invalid(
        "tags-absent", "tag", {"ServerCertificateName": "x"}, ONE.format("tags", "not be null")
    ),
)

OPERATIONS = {
    "upload": ("upload-server-certificate", "UploadServerCertificate"),
    "get": ("get-server-certificate", "GetServerCertificate"),
    "list": ("list-server-certificates", "ListServerCertificates"),
    "update": ("update-server-certificate", "UpdateServerCertificate"),
    "delete": ("delete-server-certificate", "DeleteServerCertificate"),
    "tag": ("tag-server-certificate", "TagServerCertificate"),
    "untag": ("untag-server-certificate", "UntagServerCertificate"),
    "list-tags": ("list-server-certificate-tags", "ListServerCertificateTags"),
}


class CommandLine:
    """Runs AWS CLI commands in a folder of their own."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self._environment = cloud.environment() | {
            "AWS_CONFIG_FILE": str(folder / "config"),
            "AWS_MAX_ATTEMPTS": "1",
        }
        self.folder = folder
        # The server's checks are what these tests are about.
        (folder / "config").write_text("[default]\nparameter_validation = false\n")

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command as a terminal would."""
        return subprocess.run(
            [str(AWS), *shlex.split(command)[1:]],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def json(self, command: str) -> dict[str, Any]:
        """Run a command that succeeds and return what it prints."""
        done = self.run(command)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "{}")


@pytest.fixture
def aws(cloud: LocalCloud, tmp_path: Path) -> CommandLine:
    """Return the AWS CLI for an empty cloud."""
    return CommandLine(cloud, tmp_path)


UPLOAD = """aws iam upload-server-certificate --server-certificate-name ExampleCertificate
    --certificate-body file://Certificate.pem
    --certificate-chain file://CertificateChain.pem
    --private-key file://PrivateKey.pem
    --tags '{"Key": "ExampleKey", "Value": "ExampleValue"}'"""
GET = "aws iam get-server-certificate --server-certificate-name ExampleCertificate"
LIST = "aws iam list-server-certificates"
UPDATE = """aws iam update-server-certificate --server-certificate-name ExampleCertificate
    --new-server-certificate-name CloudFrontCertificate
    --new-path /cloudfront/"""
DELETE = "aws iam delete-server-certificate --server-certificate-name ExampleCertificate"


def test_the_commands_of_the_user_guide(aws: CommandLine, make: CertificateFactory) -> None:
    """Every command of the user guide's page on server certificates works unchanged."""
    (aws.folder / "Certificate.pem").write_text(f"{make.leaf.pem}\n")
    (aws.folder / "CertificateChain.pem").write_text(f"{make.intermediate.pem}\n")
    (aws.folder / "PrivateKey.pem").write_text(make.leaf.key_pem)

    uploaded = aws.json(UPLOAD)
    found = aws.json(GET)["ServerCertificate"]
    listed = aws.json(LIST)["ServerCertificateMetadataList"]
    aws.json(UPDATE)
    renamed = aws.json(LIST)["ServerCertificateMetadataList"]
    again = aws.json(UPLOAD)
    aws.json(DELETE)
    left = aws.json(LIST)["ServerCertificateMetadataList"]

    tags = [{"Key": "ExampleKey", "Value": "ExampleValue"}]
    metadata = uploaded["ServerCertificateMetadata"]
    assert uploaded["Tags"] == tags
    assert re.fullmatch("ASCA[A-Z2-7]{17}", metadata["ServerCertificateId"])
    assert metadata["Arn"] == "arn:aws:iam::111122223333:server-certificate/ExampleCertificate"
    assert found == {
        "ServerCertificateMetadata": metadata,
        "CertificateBody": make.leaf.pem,
        "CertificateChain": make.intermediate.pem,
        "Tags": tags,
    }
    assert listed == [metadata]
    moved = metadata | {
        "ServerCertificateName": "CloudFrontCertificate",
        "Path": "/cloudfront/",
        "Arn": "arn:aws:iam::111122223333:server-certificate/cloudfront/CloudFrontCertificate",
    }
    assert renamed == left == [moved]
    assert (
        again["ServerCertificateMetadata"]["ServerCertificateId"] != metadata["ServerCertificateId"]
    )


@pytest.mark.parametrize("row", [pytest.param(row, id=row.about) for row in REFUSALS])
def test_refusals(row: Refusal, aws: CommandLine, iam: IAMClient, make: CertificateFactory) -> None:
    """What IAM refuses is refused with its code, its HTTP status and its text."""
    row.before(iam, make)
    parameters = row.parameters(make) if callable(row.parameters) else row.parameters
    (aws.folder / "input.json").write_text(json.dumps(parameters))
    command, operation = OPERATIONS[row.operation]

    done = aws.run(f"aws iam {command} --no-paginate --debug --cli-input-json file://input.json")

    status = re.search(r'"POST / HTTP/1\.1" (\d{3})', done.stderr)
    assert status is not None, done.stderr
    assert int(status[1]) == row.status
    assert (
        f"An error occurred ({row.code}) when calling the {operation} operation: {row.text}"
        in done.stderr.splitlines()
    ), done.stderr[-1000:]
    assert done.returncode != 0


@dataclass(frozen=True)
class Acceptance:
    """One row: an upload that IAM takes, and what it stores."""

    about: str
    parameters: Callable[[CertificateFactory], dict[str, Any]]
    body: Callable[[CertificateFactory], str] | None = None
    chain: Callable[[CertificateFactory], str | None] = field(default=lambda _: None)


def _rsa(bits: int) -> Callable[[CertificateFactory], dict[str, Any]]:
    return certificate(lambda make: make.issue("x", key=rsa.generate_private_key(65537, bits)))


def _ec(curve: ec.EllipticCurve) -> Callable[[CertificateFactory], dict[str, Any]]:
    return certificate(lambda make: make.issue("x", key=ec.generate_private_key(curve)))


def _rsa_pkcs1(make: CertificateFactory) -> dict[str, Any]:
    made = make.issue("x", key=rsa.generate_private_key(65537, 2048))
    return make.upload_parameters(CertificateBody=made.pem, PrivateKey=made.traditional_key_pem)


def _bundle_as_body(make: CertificateFactory) -> dict[str, Any]:
    return make.upload_parameters(
        CertificateBody=f"{make.leaf.pem}\n{make.intermediate.pem}\n",
        PrivateKey=make.leaf.key_pem,
        CertificateChain=f"{make.root.pem}\n",
    )


def _crlf(make: CertificateFactory) -> dict[str, Any]:
    return make.upload_parameters(
        CertificateBody=f"{make.leaf.pem}\n".replace("\n", "\r\n"),
        PrivateKey=make.leaf.key_pem.replace("\n", "\r\n"),
        CertificateChain=f"{make.intermediate.pem}\n{make.root.pem}\n".replace("\n", "\r\n"),
    )


ACCEPTANCES = (
    Acceptance("pkcs8-key", upload()),
    Acceptance("sec1-key", upload(PrivateKey=lambda make: make.self_signed.traditional_key_pem)),
    Acceptance("pkcs1-key", _rsa_pkcs1),
    Acceptance(
        "valid-since-now", certificate(lambda make: make.issue("x", valid_from=timedelta(0)))
    ),
    Acceptance("self-signed-authority", certificate(lambda make: make.root)),
    Acceptance("self-signed-no-authority", upload()),
    Acceptance(
        "self-signed-with-itself-as-chain",
        issued("self_signed", "self_signed"),
        chain=lambda make: make.self_signed.pem,
    ),
    Acceptance("issued-without-chain", certificate(lambda make: make.leaf)),
    Acceptance(
        "chain-without-root",
        issued("leaf", "intermediate"),
        chain=lambda make: make.intermediate.pem,
    ),
    Acceptance("chain-of-root-only", issued("intermediate", "root"), chain=lambda m: m.root.pem),
    Acceptance(
        "chain-with-root-at-end",
        issued("leaf", "intermediate", "root"),
        chain=lambda make: f"{make.intermediate.pem}\n{make.root.pem}",
    ),
    Acceptance(
        "several-certificates-as-body",
        _bundle_as_body,
        body=lambda make: make.leaf.pem,
        chain=lambda make: f"{make.intermediate.pem}\n{make.root.pem}",
    ),
    Acceptance(
        "crlf",
        _crlf,
        body=lambda make: make.leaf.pem,
        chain=lambda make: f"{make.intermediate.pem}\n{make.root.pem}",
    ),
    Acceptance(
        "white-space-at-the-end",
        upload(CertificateBody=lambda make: f"{make.self_signed.pem} \n\n \n"),
        body=lambda make: make.self_signed.pem,
    ),
    Acceptance("rsa-1024", _rsa(1024)),
    Acceptance("rsa-3072", _rsa(3072)),
    Acceptance("rsa-4096", _rsa(4096)),
    Acceptance("ec-p224", _ec(ec.SECP224R1())),
    Acceptance("ec-p384", _ec(ec.SECP384R1())),
    Acceptance("ec-p521", _ec(ec.SECP521R1())),
    Acceptance(
        "longest-name-and-path",
        upload(ServerCertificateName="x" * 128, Path=f"/{'x' * 510}/"),
    ),
)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.about) for row in ACCEPTANCES])
def test_acceptances(row: Acceptance, aws: CommandLine, make: CertificateFactory) -> None:
    """What IAM takes is taken, and comes back in the form in which IAM keeps it."""
    parameters = row.parameters(make)
    (aws.folder / "input.json").write_text(json.dumps(parameters))
    uploaded = aws.json("aws iam upload-server-certificate --cli-input-json file://input.json")
    name = parameters["ServerCertificateName"]
    found = aws.json(f"aws iam get-server-certificate --server-certificate-name {name}")

    certificate = found["ServerCertificate"]
    body = row.body(make) if row.body else parameters["CertificateBody"]
    assert certificate["CertificateBody"] == body
    assert certificate.get("CertificateChain") == row.chain(make)
    assert certificate["ServerCertificateMetadata"] == uploaded["ServerCertificateMetadata"]
    assert certificate["Tags"] == []
    assert "Tags" not in uploaded


def test_sha1_signatures_are_verified(aws: CommandLine) -> None:
    """A certificate signed with SHA-1 is taken, and so is a chain of them."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("only the openssl command still signs with SHA-1")
    subprocess.run(
        shlex.split(
            "openssl req -x509 -sha1 -newkey rsa:2048 -nodes -subj /CN=x -days 30 "
            "-keyout PrivateKey.pem -out Certificate.pem"
        ),
        executable=openssl,
        cwd=aws.folder,
        capture_output=True,
        check=True,
    )
    (aws.folder / "CertificateChain.pem").write_bytes((aws.folder / "Certificate.pem").read_bytes())
    assert aws.json(UPLOAD)["ServerCertificateMetadata"]["Path"] == "/"

"""What IAM refuses because of what it holds: names that are missing or taken, a full account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.refusals import Refusal, www
from support.uploads import upload

if TYPE_CHECKING:
    from tests.local_cloud.aws_cli.conftest import CommandLine
    from types_boto3_iam import IAMClient

    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

MISSING = "The Server Certificate with name missing cannot be found."
TAKEN = "The Server Certificate with name {} already exists."


def www_and_other(iam: IAMClient, certificates: Certificates) -> None:
    """Upload two certificates."""
    www(iam, certificates)
    iam.upload_server_certificate(**certificates.upload_parameters("other"))


def a_full_account(iam: IAMClient, certificates: Certificates) -> None:
    """Upload as many certificates as an account may hold."""
    for number in range(20):
        iam.upload_server_certificate(**certificates.upload_parameters(f"certificate-{number}"))


def missing(operation: str, **parameters: object) -> Refusal:
    """Write a row for a certificate that isn't there."""
    named = {"ServerCertificateName": "missing"} | parameters
    return Refusal(f"{operation}-missing", operation, named, "NoSuchEntity", 404, MISSING)


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
)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.about) for row in REFUSALS])
def test_refusals(
    row: Refusal, aws: CommandLine, iam: IAMClient, certificates: Certificates
) -> None:
    """A name that is missing or taken, or one certificate too many, is refused as IAM does."""
    row.check(aws, iam, certificates)

"""Parameters that IAM refuses for their form alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.refusals import CONSTRAINT, Refusal, invalid
from support.uploads import upload

if TYPE_CHECKING:
    from tests.local_cloud.aws_cli.conftest import CommandLine
    from types_boto3_iam import IAMClient

    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

NAME = (
    "The specified value for {} is invalid. It must contain only alphanumeric characters and/or "
    "the following: +=,.@_-"
)
PATH = (
    "The specified value for {} is invalid. It must begin and end with / and contain only "
    "alphanumeric characters and/or / characters."
)
PEM_PATTERN = r"satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+"

REFUSALS = (
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
        CONSTRAINT.format("serverCertificateName", "have length less than or equal to 128"),
    ),
    invalid(
        "name-empty",
        "get",
        {"ServerCertificateName": ""},
        CONSTRAINT.format("serverCertificateName", "have length greater than or equal to 1"),
    ),
    invalid("name-absent", "get", {}, CONSTRAINT.format("serverCertificateName", "not be null")),
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
        CONSTRAINT.format("path", "have length less than or equal to 512"),
    ),
    invalid(
        "body-empty",
        "upload",
        upload(CertificateBody=""),
        CONSTRAINT.format("certificateBody", "have length greater than or equal to 1"),
    ),
    invalid(
        "body-length",
        "upload",
        upload(CertificateBody="x" * 16_385),
        CONSTRAINT.format("certificateBody", "have length less than or equal to 16384"),
    ),
    invalid(
        "body-characters",
        "upload",
        upload(CertificateBody="\u2026"),
        CONSTRAINT.format("certificateBody", PEM_PATTERN),
    ),
    invalid(
        "key-empty",
        "upload",
        upload(PrivateKey=""),
        CONSTRAINT.format("privateKey", "have length greater than or equal to 1"),
    ),
    invalid(
        "key-length",
        "upload",
        upload(PrivateKey="x" * 16_385),
        CONSTRAINT.format("privateKey", "have length less than or equal to 16384"),
    ),
    invalid(
        "chain-length",
        "upload",
        upload(CertificateChain="x" * 2_097_153),
        CONSTRAINT.format("certificateChain", "have length less than or equal to 2097152"),
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
        CONSTRAINT.format("maxItems", "have value greater than or equal to 1"),
    ),
    invalid(
        "max-items-too-large",
        "list",
        {"MaxItems": 1001},
        CONSTRAINT.format("maxItems", "have value less than or equal to 1000"),
    ),
    invalid("marker-of-nobody", "list", {"Marker": "nonsense"}, "Invalid Marker."),
)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.about) for row in REFUSALS])
def test_refusals(
    row: Refusal, aws: CommandLine, iam: IAMClient, certificates: Certificates
) -> None:
    """What has the wrong form is refused with its code, its HTTP status and its text."""
    row.check(aws, iam, certificates)

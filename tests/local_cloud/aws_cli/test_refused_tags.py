"""Tags that IAM refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.refusals import CONSTRAINT, Refusal, invalid, www
from support.uploads import upload

if TYPE_CHECKING:
    from tests.local_cloud.aws_cli.conftest import CommandLine
    from types_boto3_iam import IAMClient

    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

DUPLICATE_TAGS = "Duplicate tag keys found."
TAG_KEY_PATTERN = r"satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+"


def fifty_tags(iam: IAMClient, certificates: Certificates) -> None:
    """Upload one certificate with as many tags as it may carry."""
    tags = [{"Key": f"key-{number}", "Value": ""} for number in range(50)]
    iam.upload_server_certificate(**certificates.upload_parameters(Tags=tags))


def tags(*keys: str, name: str = "www", value: str = "v") -> dict[str, Any]:
    """Tag a certificate."""
    return {
        "ServerCertificateName": name,
        "Tags": [{"Key": key, "Value": value} for key in keys],
    }


REFUSALS = (
    Refusal("tag-keys-repeated", "tag", tags("k", "k"), "InvalidInput", 400, DUPLICATE_TAGS, www),
    Refusal(
        "tag-keys-repeated-at-upload",
        "upload",
        upload(Tags=[{"Key": "k", "Value": "a"}, {"Key": "k", "Value": "b"}]),
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
        CONSTRAINT.format("tags", "have length less than or equal to 50"),
    ),
    invalid(
        "tag-key-length",
        "tag",
        tags("fine", "x" * 129),
        CONSTRAINT.format("tags.2.member.key", "have length less than or equal to 128"),
    ),
    invalid(
        "tag-key-characters",
        "tag",
        tags("a?"),
        CONSTRAINT.format("tags.1.member.key", TAG_KEY_PATTERN),
    ),
    invalid(
        "tag-value-length",
        "tag",
        tags("k", value="x" * 257),
        CONSTRAINT.format("tags.1.member.value", "have length less than or equal to 256"),
    ),
    invalid(
        "untag-key-length",
        "untag",
        {"ServerCertificateName": "www", "TagKeys": ["x" * 129]},
        CONSTRAINT.format(
            "tagKeys", "satisfy constraint: [Member must have length less than or equal to 128]"
        ),
    ),
    invalid(
        "tags-absent",
        "tag",
        {"ServerCertificateName": "x"},
        CONSTRAINT.format("tags", "not be null"),
    ),
)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.about) for row in REFUSALS])
def test_refusals(
    row: Refusal, aws: CommandLine, iam: IAMClient, certificates: Certificates
) -> None:
    """Tags that IAM can't keep are refused with its code, its HTTP status and its text."""
    row.check(aws, iam, certificates)

"""How the AWS CLI shows server certificates: as text, as a table, and page by page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.local_cloud.aws_cli.conftest import CommandLine
    from types_boto3_iam import IAMClient

    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

LIST = "aws iam list-server-certificates"


@pytest.fixture
def uploaded(iam: IAMClient, certificates: Certificates) -> dict[str, str]:
    """Upload five certificates, one of them for CloudFront; return their ids by name."""
    return {
        name: iam.upload_server_certificate(
            **certificates.upload_parameters(name, Path="/cloudfront/" if name == "e" else "/")
        )["ServerCertificateMetadata"]["ServerCertificateId"]
        for name in "abcde"
    }


def test_text_and_table(aws: CommandLine, uploaded: dict[str, str]) -> None:
    """A query picks columns, as text and as a table."""
    columns = "ServerCertificateMetadataList[].[ServerCertificateName,Path,ServerCertificateId]"
    text = aws.run(f"{LIST} --output text --query '{columns}'")
    rows = [line.split("\t") for line in text.stdout.splitlines()]
    assert rows == [
        [name, "/cloudfront/" if name == "e" else "/", certificate_id]
        for name, certificate_id in uploaded.items()
    ]
    table = aws.run(f"{LIST} --output table --path-prefix /cloudfront")
    assert "ListServerCertificates" in table.stdout
    assert re.search(r"\|\s+Path\s+\|\s+/cloudfront/\s+\|", table.stdout)
    assert uploaded["e"] in table.stdout
    assert uploaded["a"] not in table.stdout


@pytest.mark.parametrize("page_size", ["", "--page-size 1"], ids=["one call", "many calls"])
def test_pages(aws: CommandLine, uploaded: dict[str, str], page_size: str) -> None:
    """--max-items stops early, and --starting-token goes on where it stopped."""
    seen: list[str] = []
    start = ""
    for number in (2, 2, 1):
        shown = aws.json(f"{LIST} {page_size} --max-items 2 {start}")
        listed = shown["ServerCertificateMetadataList"]
        assert len(listed) == number
        seen += [each["ServerCertificateName"] for each in listed]
        start = f"--starting-token {shown.get('NextToken')}"
    assert "NextToken" not in shown
    assert seen == list(uploaded)

"""What IAM refuses: one row a case, asked for with the real AWS CLI."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.local_cloud.aws_cli.conftest import CommandLine
    from types_boto3_iam import IAMClient

    from support.uploads import Certificates

    Parameters = dict[str, Any] | Callable[[Certificates], dict[str, Any]]

CONSTRAINT = (
    "1 validation error detected: Value at '{}' failed to satisfy constraint: Member must {}"
)

_OPERATIONS = {
    "upload": ("upload-server-certificate", "UploadServerCertificate"),
    "get": ("get-server-certificate", "GetServerCertificate"),
    "list": ("list-server-certificates", "ListServerCertificates"),
    "update": ("update-server-certificate", "UpdateServerCertificate"),
    "delete": ("delete-server-certificate", "DeleteServerCertificate"),
    "tag": ("tag-server-certificate", "TagServerCertificate"),
    "untag": ("untag-server-certificate", "UntagServerCertificate"),
    "list-tags": ("list-server-certificate-tags", "ListServerCertificateTags"),
}


def nothing(_iam: IAMClient, _certificates: Certificates) -> None:
    """Leave the account empty."""


def www(iam: IAMClient, certificates: Certificates) -> None:
    """Upload one certificate named www."""
    iam.upload_server_certificate(**certificates.upload_parameters())


@dataclass(frozen=True)
class Refusal:
    """
    One row: what is asked of which account, and the code, status and text of the answer.

    ``parameters`` are those of the API; a function gets the certificates.
    """

    about: str
    operation: str
    parameters: Parameters
    code: str
    status: int
    text: str
    before: Callable[[IAMClient, Certificates], None] = field(default=nothing)

    def check(self, aws: CommandLine, iam: IAMClient, certificates: Certificates) -> None:
        """Ask, and compare the whole answer."""
        self.before(iam, certificates)
        given = self.parameters
        parameters = given(certificates) if callable(given) else given
        (aws.folder / "input.json").write_text(json.dumps(parameters))
        command, operation = _OPERATIONS[self.operation]

        done = aws.run(
            f"aws iam {command} --no-paginate --debug --cli-input-json file://input.json"
        )

        status = re.search(r'"POST / HTTP/1\.1" (\d{3})', done.stderr)
        assert status is not None, done.stderr
        assert int(status[1]) == self.status
        assert (
            f"An error occurred ({self.code}) when calling the {operation} operation: {self.text}"
            in done.stderr.splitlines()
        ), done.stderr[-1000:]
        assert done.returncode != 0


def invalid(about: str, operation: str, parameters: Parameters, text: str) -> Refusal:
    """Write a row for a parameter that IAM refuses."""
    return Refusal(about, operation, parameters, "ValidationError", 400, text)

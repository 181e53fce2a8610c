"""What a caller's policy must allow: conditions on tags, and uploads with tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dev.acceptance.errors import described, refusal
from dev.acceptance.findings import Question, compared, recorded
from dev.acceptance.inquiry import is_denied
from dev.acceptance.questions.roles import assume_roles, certificates_arn
from dev.acceptance.run import TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.exceptions import ClientError

    from dev.acceptance.findings import Finding
    from dev.acceptance.inquiry import Inquiry

_CHANGES = ["iam:UpdateServerCertificate", "iam:DeleteServerCertificate"]


def _ask_conditions(inquiry: Inquiry) -> Iterator[Finding]:
    arn = certificates_arn(inquiry)
    condition = {"StringEquals": {f"aws:ResourceTag/{TAG}": inquiry.run.id}}
    allowed = {"Effect": "Allow", "Action": _CHANGES, "Resource": arn, "Condition": condition}
    tagged = inquiry.upload("tagged")["ServerCertificateName"]
    other = inquiry.upload("untagged", Tags=[])["ServerCertificateName"]
    client = assume_roles(inquiry, "tag-conditions", {"Owner": [allowed]})["Owner"]
    for name, what, wanted in ((tagged, "with the tag", True), (other, "without it", False)):
        error = refusal(client.update_server_certificate, ServerCertificateName=name)
        yield _permitted(f"Update, without a change, of a certificate {what}", error, wanted=wanted)
    renamed = inquiry.request("tagged-renamed")["ServerCertificateName"]
    error = refusal(
        client.update_server_certificate,
        ServerCertificateName=tagged,
        NewServerCertificateName=renamed,
    )
    yield recorded(
        "Does the condition also apply to the new ARN of a rename, which has no tags yet?",
        seen=described(error),
    )
    name = tagged if error is not None else renamed
    error = refusal(client.delete_server_certificate, ServerCertificateName=other)
    yield _permitted("Delete of a certificate without the tag", error, wanted=False)
    error = refusal(client.delete_server_certificate, ServerCertificateName=name)
    yield _permitted("Delete of a certificate with the tag", error, wanted=True)
    for each in (tagged, renamed, other):
        inquiry.discard(each)


def _permitted(asked: str, error: ClientError | None, *, wanted: bool) -> Finding:
    matches = (error is None) if wanted else is_denied(error)
    return compared(
        f"{asked}, by a role whose policy has a condition on aws:ResourceTag",
        expected="allowed" if wanted else "AccessDenied",
        seen=described(error),
        matches=matches,
    )


def _ask_uploads(inquiry: Inquiry) -> Iterator[Finding]:
    arn = certificates_arn(inquiry)
    roles = {
        "Tagger": ["iam:UploadServerCertificate", "iam:TagServerCertificate"],
        "Uploader": ["iam:UploadServerCertificate"],
    }
    clients = assume_roles(
        inquiry,
        "tagged-uploads",
        {
            role: [{"Effect": "Allow", "Action": actions, "Resource": arn}]
            for role, actions in roles.items()
        },
    )
    request = inquiry.request("without-list-tags")
    error = refusal(clients["Tagger"].upload_server_certificate, **request)
    yield compared(
        "An upload with tags, by a role that lacks iam:ListServerCertificateTags",
        expected="allowed",
        seen=described(error),
        matches=error is None,
    )
    inquiry.discard(request["ServerCertificateName"])
    request = inquiry.request("without-tagging")
    name = request["ServerCertificateName"]
    error = refusal(clients["Uploader"].upload_server_certificate, **request)
    yield compared(
        "An upload with tags, by a role that lacks iam:TagServerCertificate",
        expected="AccessDenied, and nothing is uploaded",
        seen=f"{described(error)}; "
        + ("it is there" if inquiry.exists(name) else "nothing is there"),
        matches=is_denied(error) and not inquiry.exists(name),
    )
    request.pop("Tags")
    error = refusal(clients["Uploader"].upload_server_certificate, **request)
    yield compared(
        "The same upload without tags",
        expected="allowed",
        seen=described(error),
        matches=error is None,
    )
    inquiry.discard(name)


CONDITIONS = Question(
    key="tag-conditions",
    title="Policies with conditions on the certificate's tags",
    relies="Update and Delete can be limited to certificates with a tag, as the Service Authorization"
    " Reference says.",
    ask=_ask_conditions,
)
UPLOADS = Question(
    key="tagged-uploads",
    title="Permissions that an upload with tags needs",
    relies="The function's policy allows uploading and tagging; the function uploads with tags in one"
    " call. An upload that may not tag must not leave an untagged certificate.",
    ask=_ask_uploads,
)

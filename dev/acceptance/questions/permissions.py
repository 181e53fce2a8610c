"""What a caller's policy must allow: conditions on tags, and uploads with tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from dev.acceptance.errors import code_of, described, is_denied, refusal
from dev.acceptance.findings import Question, compared, recorded
from dev.acceptance.run import TAG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dev.acceptance.findings import Finding
    from dev.acceptance.inquiry import Inquiry

_PROPAGATION_SECONDS: Final = 120
_CHANGES = ["iam:UpdateServerCertificate", "iam:DeleteServerCertificate"]


def _ask_conditions(inquiry: Inquiry) -> Iterator[Finding]:
    arn = _certificates_arn(inquiry)
    condition = {"StringEquals": {f"aws:ResourceTag/{TAG}": inquiry.run.id}}
    allowed = {"Effect": "Allow", "Action": _CHANGES, "Resource": arn, "Condition": condition}
    tagged = inquiry.upload("tagged")["ServerCertificateName"]
    other = inquiry.upload("untagged", Tags=[])["ServerCertificateName"]
    client = _clients(inquiry, "tag-conditions", {"Owner": [allowed]})["Owner"]
    error = _allowed(inquiry, client.update_server_certificate, ServerCertificateName=tagged)
    yield _permitted("Update, without a change, of a certificate with the tag", error, wanted=True)
    error = refusal(client.update_server_certificate, ServerCertificateName=other)
    yield _permitted("Update, without a change, of one without the tag", error, wanted=False)
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
    error = _allowed(inquiry, client.delete_server_certificate, ServerCertificateName=name)
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
    arn = _certificates_arn(inquiry)
    roles = {
        "Tagger": ["iam:UploadServerCertificate", "iam:TagServerCertificate"],
        "Uploader": ["iam:UploadServerCertificate"],
    }
    clients = _clients(
        inquiry,
        "tagged-uploads",
        {
            role: [{"Effect": "Allow", "Action": actions, "Resource": arn}]
            for role, actions in roles.items()
        },
    )
    request = inquiry.request("without-list-tags")
    error = _allowed(inquiry, clients["Tagger"].upload_server_certificate, **request)
    yield compared(
        "An upload with tags, by a role that lacks iam:ListServerCertificateTags",
        expected="allowed",
        seen=described(error),
        matches=error is None,
    )
    inquiry.discard(request["ServerCertificateName"])
    request = inquiry.request("without-tags")
    request.pop("Tags")
    # Asked first: once this is allowed, what is denied below isn't denied because the policy is new.
    error = _allowed(inquiry, clients["Uploader"].upload_server_certificate, **request)
    yield compared(
        "An upload without tags, by a role that lacks iam:TagServerCertificate",
        expected="allowed",
        seen=described(error),
        matches=error is None,
    )
    inquiry.discard(request["ServerCertificateName"])
    request = inquiry.request("without-tagging")
    error = refusal(clients["Uploader"].upload_server_certificate, **request)
    is_there = inquiry.exists(request["ServerCertificateName"])
    yield compared(
        "The same with tags",
        expected="AccessDenied, and nothing is uploaded",
        seen=f"{described(error)}; {'it is there' if is_there else 'nothing is there'}",
        matches=is_denied(error) and not is_there,
    )
    inquiry.discard(request["ServerCertificateName"])


def _allowed(inquiry: Inquiry, call: Callable[..., Any], **parameters: Any) -> ClientError | None:  # noqa: ANN401 - boto3's parameters
    """
    Make a call that should be allowed, again while it isn't; return the last error.

    Policies, certificates and their tags take seconds to be known everywhere in IAM.
    """
    return inquiry.patience.until(
        lambda: refusal(call, **parameters),
        lambda error: not is_denied(error) and (error is None or code_of(error) != "NoSuchEntity"),
        seconds=_PROPAGATION_SECONDS,
    )


def _clients(
    inquiry: Inquiry, suffix: str, statements: Mapping[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    """
    Create roles in one stack, and return an IAM client for each.

    Args:
        inquiry: The inquiry.
        suffix: The end of the stack's name.
        statements: For each role's name the statements of its policy. Each role may also list
            certificates, which is how this function knows that the policy is in force.
    """
    stack = inquiry.stack(suffix)
    account = inquiry.account
    principal = f"arn:{account.partition}:iam::{account.account_id}:root"
    template = {
        "Resources": {
            name: _role(inquiry.run.name(f"{suffix}-{name}"), principal, allowed)
            for name, allowed in statements.items()
        },
        "Outputs": {name: {"Value": {"Fn::GetAtt": [name, "Arn"]}} for name in statements},
    }
    stack.expect(stack.create(template), "CREATE_COMPLETE")
    arns = stack.outputs()
    return {name: _client(inquiry, arns[name]) for name in statements}


def _certificates_arn(inquiry: Inquiry) -> str:
    """Return the pattern of the ARNs of the run's certificates."""
    account = inquiry.account
    return f"arn:{account.partition}:iam::{account.account_id}:server-certificate/{inquiry.run.prefix}*"


def _role(name: str, principal: str, allowed: list[dict[str, Any]]) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    listing = {"Effect": "Allow", "Action": "iam:ListServerCertificates", "Resource": "*"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [
                {
                    "PolicyName": "asked",
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": [listing, *allowed]},
                }
            ],
        },
    }


def _client(inquiry: Inquiry, role_arn: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    sts: Any = inquiry.account.client("sts")

    def usable() -> Any | ClientError:  # noqa: ANN401 - the same
        try:
            session = sts.assume_role(RoleArn=role_arn, RoleSessionName="acceptance")
            client = inquiry.account.client("iam", credentials=session["Credentials"])
            client.list_server_certificates(MaxItems=1)
        except ClientError as error:
            if not code_of(error).startswith(("AccessDenied", "InvalidClientTokenId")):
                raise
            return error
        return client

    # A new role and its policy take seconds to be known everywhere.
    client = inquiry.patience.until(
        usable, lambda seen: not isinstance(seen, ClientError), seconds=_PROPAGATION_SECONDS
    )
    if isinstance(client, ClientError):
        raise client
    return client


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

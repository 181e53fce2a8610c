"""CloudFormation's own AWS::IAM::ServerCertificate: does an update move the path?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dev.acceptance.errors import described, ignored
from dev.acceptance.findings import Question, compared, unsupported
from dev.acceptance.run import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.acceptance.findings import Finding
    from dev.acceptance.inquiry import Inquiry

_PROPAGATION_SECONDS = 60
_ASKED = "Is there AWS::IAM::ServerCertificate?"


def _template(inquiry: Inquiry, name: str, path: str) -> dict[str, Any]:
    properties = {
        "ServerCertificateName": name,
        "Path": path,
        "CertificateBody": {"Ref": "Body"},
        "PrivateKey": {"Ref": "Key"},
        "CertificateChain": {"Ref": "Chain"},
        "Tags": inquiry.run.tags,
    }
    return {
        "Parameters": {
            "Body": {"Type": "String"},
            "Chain": {"Type": "String"},
            # The key is made for this question, and only in memory; it isn't shown anyway.
            "Key": {"Type": "String", "NoEcho": True},
        },
        "Resources": {
            "Certificate": {"Type": "AWS::IAM::ServerCertificate", "Properties": properties}
        },
    }


def _ask(inquiry: Inquiry) -> Iterator[Finding]:
    leaf = inquiry.leaf()
    name = inquiry.ledger.note(Kind.CERTIFICATE, inquiry.run.name("native"))
    values = {"Body": leaf.pem, "Chain": leaf.chain_pem(), "Key": leaf.key_pem()}
    stack = inquiry.stack("native-type")
    client_error = inquiry.account.client("cloudformation").exceptions.ClientError
    try:
        looks = stack.create(_template(inquiry, name, "/first/"), **values)
    except client_error as error:
        yield unsupported(_ASKED, seen=described(error))
        return
    if looks[-1].status != "CREATE_COMPLETE":
        reasons = "; ".join(stack.failures()) or looks[-1].status
        if "nsupported resource type" in reasons or "nrecognized resource type" in reasons:
            yield unsupported(_ASKED, seen=reasons)
            stack.delete()
            return
        stack.expect(looks, "CREATE_COMPLETE")
    before = _metadata(inquiry, name, "/first/")
    looks = stack.update(_template(inquiry, name, "/second/"), **values)
    after = _metadata(inquiry, name, "/second/")
    seen = (
        f"{looks[-1].status}; the path is {after['Path']}; "
        + ("the same" if _id(before) == _id(after) else "another")
        + " ServerCertificateId"
    )
    yield compared(
        "Does an update of Path move the certificate, and does it keep its id?",
        expected="it is moved, without a replacement (CloudFormation's resource reference: Path is"
        " updated with no interruption)",
        seen=seen,
        matches=looks[-1].status == "UPDATE_COMPLETE"
        and after["Path"] == "/second/"
        and _id(before) == _id(after),
        evidence=(*map(str, looks), *stack.failures()),
    )
    stack.delete()


def _metadata(inquiry: Inquiry, name: str, path: str) -> dict[str, Any]:
    """Return the certificate's metadata, with this path if it gets it within some seconds."""

    def look() -> dict[str, Any]:
        with ignored("NoSuchEntity"):
            stored = inquiry.iam.get_server_certificate(ServerCertificateName=name)
            metadata: dict[str, Any] = stored["ServerCertificate"]["ServerCertificateMetadata"]
            return metadata
        return {"Path": "none: the certificate isn't there"}

    return inquiry.patience.until(
        look, lambda seen: seen["Path"] == path, seconds=_PROPAGATION_SECONDS
    )


def _id(metadata: dict[str, Any]) -> str:
    return str(metadata.get("ServerCertificateId"))


QUESTION = Question(
    key="native-type",
    title="Path of CloudFormation's own resource type",
    relies="The local cloud changes the path of AWS::IAM::ServerCertificate in place, as the resource"
    " reference says.",
    ask=_ask,
)

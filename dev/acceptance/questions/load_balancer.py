"""A certificate under a live listener: propagation, renaming, releasing."""

from __future__ import annotations

import socket
import ssl
import time
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from dev.acceptance.errors import code_of, described, refusal
from dev.acceptance.findings import Question, compared, recorded, unsupported
from dev.acceptance.questions.network import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.acceptance.findings import Finding
    from dev.acceptance.inquiry import Inquiry

_DEFAULT_WAIT_SECONDS: Final = 30
"""The construct's default for the time after an upload or a rename."""

_PROPAGATION_SECONDS: Final = 300
_RELEASE_SECONDS: Final = 900
_SERVING_SECONDS: Final = 300
_PORT: Final = 443


class _Attempts:
    """A call that is repeated until it is accepted."""

    def __init__(self, inquiry: Inquiry, call: Any, *, code: str, seconds: float) -> None:  # noqa: ANN401 - a call of boto3
        begin = time.monotonic()
        self.texts: dict[str, None] = {}
        self.number = 0

        def attempt() -> Any:  # noqa: ANN401 - boto3's answer
            self.number += 1
            try:
                return call()
            except ClientError as error:
                if code_of(error) != code:
                    raise
                self.texts[described(error)] = None
                return None

        self.answer = inquiry.patience.until(
            attempt, lambda answer: answer is not None, seconds=seconds
        )
        self.seconds = time.monotonic() - begin

    def __str__(self) -> str:
        how = "accepted" if self.answer is not None else "still refused"
        return f"{how} after {self.seconds:.1f} s, at attempt {self.number}"


def _ask(inquiry: Inquiry) -> Iterator[Finding]:
    stack = inquiry.stack("load-balancer")
    stack.expect(stack.create(TEMPLATE), "CREATE_COMPLETE")
    outputs = stack.outputs()
    balancing: Any = inquiry.account.client("elbv2")
    leaf = inquiry.leaf()
    uploaded = inquiry.upload("listener", leaf)
    name, arn = uploaded["ServerCertificateName"], uploaded["Arn"]

    attempts = _Attempts(
        inquiry,
        lambda: balancing.create_listener(
            LoadBalancerArn=outputs["Arn"],
            Protocol="HTTPS",
            Port=_PORT,
            Certificates=[{"CertificateArn": arn}],
            DefaultActions=[
                {
                    "Type": "fixed-response",
                    "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain"},
                }
            ],
        ),
        code="CertificateNotFound",
        seconds=_PROPAGATION_SECONDS,
    )
    yield _propagated("How long after an upload does CreateListener take the ARN?", attempts)
    if attempts.answer is None:
        stack.delete()
        return
    listener = attempts.answer["Listeners"][0]["ListenerArn"]
    yield _serving(inquiry, outputs["DnsName"], leaf.der, "before the rename")

    error = refusal(inquiry.iam.delete_server_certificate, ServerCertificateName=name)
    text = f"DeleteConflict: Certificate: {uploaded['ServerCertificateId']} is currently in use by"
    yield compared(
        "What does IAM say to a deletion while the listener uses the certificate?",
        expected=f"{text} <the load balancer's ARN>. Please remove it first before deleting it from"
        " IAM.",
        seen=described(error),
        matches=described(error).startswith(f"{text} {outputs['Arn']}"),
    )
    renamed = inquiry.request("listener-renamed")["ServerCertificateName"]
    error = refusal(
        inquiry.iam.update_server_certificate,
        ServerCertificateName=name,
        NewServerCertificateName=renamed,
    )
    yield compared(
        "Is a rename refused while a listener uses the certificate?",
        expected="no: UpdateServerCertificate declares no such error",
        seen=described(error),
        matches=error is None,
    )
    new_arn = arn.removesuffix(name) + renamed
    shown = balancing.describe_listeners(ListenerArns=[listener])["Listeners"][0]
    shown_arn = shown["Certificates"][0]["CertificateArn"]
    yield recorded(
        "Which ARN does DescribeListeners show after the rename?",
        seen={arn: "the old one", new_arn: "the new one"}.get(shown_arn, shown_arn),
    )
    yield _serving(inquiry, outputs["DnsName"], leaf.der, "after the rename")
    error = refusal(inquiry.iam.delete_server_certificate, ServerCertificateName=renamed)
    yield recorded("What does IAM say to a deletion after the rename?", seen=described(error))
    if error is None:
        new_arn = inquiry.upload("listener-renamed", leaf)["Arn"]
    attempts = _Attempts(
        inquiry,
        lambda: balancing.modify_listener(
            ListenerArn=listener, Certificates=[{"CertificateArn": new_arn}]
        ),
        code="CertificateNotFound",
        seconds=_PROPAGATION_SECONDS,
    )
    yield _propagated("How long after a rename does ModifyListener take the new ARN?", attempts)

    balancing.delete_listener(ListenerArn=listener)
    attempts = _Attempts(
        inquiry,
        lambda: inquiry.iam.delete_server_certificate(ServerCertificateName=renamed),
        code="DeleteConflict",
        seconds=_RELEASE_SECONDS,
    )
    yield recorded(
        "How long after its listener is gone can a certificate be deleted?",
        seen=str(attempts),
        evidence=tuple(attempts.texts),
    )
    stack.delete()


def _propagated(asked: str, attempts: _Attempts) -> Finding:
    return compared(
        asked,
        expected=f"within {_DEFAULT_WAIT_SECONDS} s, which is how long the construct waits by default;"
        " until then CertificateNotFound",
        seen=str(attempts),
        matches=attempts.answer is not None and attempts.seconds <= _DEFAULT_WAIT_SECONDS,
        evidence=tuple(attempts.texts),
    )


def _serving(inquiry: Inquiry, host: str, der: bytes, when: str) -> Finding:
    asked = f"Does the load balancer serve the certificate {when}?"
    if inquiry.account.endpoint is not None:
        return unsupported(asked, seen="Only AWS's load balancers answer.")
    served = inquiry.patience.until(
        lambda: _served_by(host), lambda seen: seen == der, seconds=_SERVING_SECONDS
    )
    seen = "it can't be reached from here" if served is None else "another certificate"
    return compared(
        asked,
        expected="yes",
        seen="yes" if served == der else seen,
        matches=served == der,
    )


def _served_by(host: str) -> bytes | None:
    """Return the certificate that a host serves, in DER; None if it can't be reached."""
    context = ssl.create_default_context()
    # The question is what it serves, not whether to trust it.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, _PORT), timeout=10) as connection,
            context.wrap_socket(connection, server_hostname=host) as secured,
        ):
            return secured.getpeercert(binary_form=True)
    except OSError:
        return None


QUESTION = Question(
    key="live-listener",
    title="A certificate under a live listener",
    relies="After an upload and after a rename the function waits before it answers, so that the"
    " listener that comes next finds the ARN. A rename never breaks a listener, because the same"
    " deployment gives it the new ARN. A deletion waits for DeleteConflict to end.",
    ask=_ask,
    needs_load_balancer=True,
)

"""Decide whether ``server-certificate release`` can take the ownership tags off. No call is made here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate_cli.aws.owner import own_tags
from server_certificate_cli.aws.ownership import State
from server_certificate_cli.output.quoting import command_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server_certificate_cli.aws.certificates import CertificateDetails
    from server_certificate_cli.aws.ownership import Ownership

_WAIT = "Wait until its operation is complete, or finish the one that failed, and try again."
_ADOPTED = (
    "To keep the certificate, delete the stack or the construct with adopt_existing=True in the"
    " template: that takes the tags off."
)
_CURRENT = (
    "To keep the certificate when the stack or the construct is deleted, set its removal policy to"
    " RemovalPolicy.RETAIN, deploy, and delete the stack or the construct. Then release it."
)

_RETAINED = (
    "Delete the stack or the construct first. The certificate stays, because it is retained."
)


def obstacle(
    details: CertificateDetails, ownership: Ownership, problems: Sequence[str] = ()
) -> str | None:
    """
    Return why a certificate can't be released, as sentences; None if it can.

    Args:
        details: The certificate, which has ownership tags.
        ownership: How it relates to its stack.
        problems: Why the stack can't be read, each as a sentence.
    """
    if ownership.state in {State.STACK_GONE, State.LEFT_BEHIND, State.UNMANAGED}:
        return None
    name = details.listed.name
    refused = f"'{name}' can't be released: {ownership.reason}."
    if ownership.state is State.CURRENT:
        if ownership.retained:
            return f"{refused} {_RETAINED}"
        return f"{refused} {_ADOPTED if ownership.adopted else _CURRENT}"
    if ownership.state is State.STACK_BUSY:
        return f"{refused} {_WAIT}"
    why = " ".join(problems) or refused
    return (
        f"'{name}' can't be released. {why} If you are sure that no stack manages it, take the tags off without this check:"
        f" {untag_command(details)}"
    )


def untag_command(details: CertificateDetails) -> str:
    """Return the command of the AWS CLI that takes the ownership tags off."""
    words = ("aws", "iam", "untag-server-certificate", "--server-certificate-name")
    return command_line((*words, details.listed.name, "--tag-keys", *own_tags(details.tags)))

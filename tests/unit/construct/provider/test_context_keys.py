"""A misspelled context key stops the synthesis, with the key that was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Stack

from cdk_iam_server_certificate.provider.context_keys import unknown_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from cdk_iam_server_certificate import ServerCertificate

KNOWN = ("cdk-iam-server-certificate:architecture", "cdk-iam-server-certificate:runtime")


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("cdk-iam-server-certificate:archtecture", "did you mean '…:architecture'?"),
        ("cdk-iam-server-certificate:Runtime", "did you mean '…:runtime'?"),
        ("cdk-iam-server-certificate/runtime", "did you mean '…:runtime'?"),
        ("cdk-iam-server-certificates:runtime", "did you mean '…:runtime'?"),
        ("CDK_IAM_SERVER_CERTIFICATE:ARCHITECTURE", "did you mean '…:architecture'?"),
        ("cdk-iam-server-certificate", "did you mean '…:runtime'?"),
        (
            "cdk-iam-server-certificate:" + "memory" * 12,
            "the context keys are '…:architecture', '…:runtime'.",
        ),
    ],
)
def test_unknown_key(key: str, meant: str) -> None:
    """The message names the key, and the closest known key, or all of them."""
    expected = meant.replace("…", "cdk-iam-server-certificate")
    assert unknown_keys(["name", key], KNOWN) == f"The context key '{key}' is unknown; {expected}"


def test_other_keys_are_left_alone() -> None:
    """Known keys, keys of others and an empty key are accepted; several unknown ones are all reported."""
    assert (
        unknown_keys([*KNOWN, "", "certificate", "@aws-cdk/core:x", "iam-server:y"], KNOWN) is None
    )
    both = unknown_keys([f"{KNOWN[0]}s", f"{KNOWN[1]}s"], KNOWN)
    assert both is not None
    assert both.count("is unknown; did you mean") == 2


def test_in_an_app_and_in_a_stack(certify: Callable[..., ServerCertificate]) -> None:
    """The key is found in the context of the app, and of one stack."""
    context = {"cdk-iam-server-certificate:runtim": "python3.13"}
    with pytest.raises(ValueError, match=r"\[Web\] The context key '.*:runtim' is unknown"):
        certify(Stack(App(context=context), "Web"))
    stack = Stack(App(), "Web")
    stack.node.set_context("cdk-iam-server-certificate:bytecodes", "false")
    with pytest.raises(ValueError, match="did you mean 'cdk-iam-server-certificate:bytecode'"):
        certify(stack)

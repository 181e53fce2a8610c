"""Tests of how often text and files are read at synth."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import Mock

from cdk_iam_server_certificate.sources import literals
from server_certificate.reading import reader

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from aws_cdk import Stack

    from cdk_iam_server_certificate import ServerCertificate
    from dev.certificates.authority import Authority


def test_each_text_is_read_once_however_many_certificates_use_it(
    stack: Stack,
    certify: Callable[..., ServerCertificate],
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The leaf is read once, and so is the chain that three certificates have in common."""
    leaves = [authority.leaf(f"{name}.example.com") for name in "abc"]
    read = Mock(wraps=reader.read)
    again = Mock(wraps=reader.read)
    monkeypatch.setattr(literals, "read", read)
    monkeypatch.setattr("server_certificate.assessment.read", again)
    for leaf in leaves:
        certify(stack, f"Certificate{leaves.index(leaf)}", issued=leaf)
    texts = [call.args[0].content.decode() for call in read.call_args_list]
    # Another test may already have read the chain.
    assert texts.count(leaves[0].chain_pem()) <= 1
    assert [texts.count(leaf.pem) for leaf in leaves] == [1, 1, 1]
    assert not again.called

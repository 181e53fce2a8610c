"""What the function makes of material in other forms, and of findings that were acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.forms import Handed, forms_of
from dev.simulator.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Authority
    from dev.simulator.account import Account

CERTIFICATE = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:certificate-AbCdEf"
CHAIN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:chain-AbCdEf"
KEY = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:form-AbCdEf"


def _is_in_parts(handed: Handed) -> bool:
    return handed.bundle is None and handed.passphrase is None


def test_every_form_without_a_passphrase_is_uploaded(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Secrets may hold PEM, DER and PKCS#7, in any order: IAM gets what it takes."""
    leaf = authority.leaf()
    forms = {name: form for name, form in forms_of(leaf).items() if _is_in_parts(form)}
    assert len(forms) > 12
    for name, handed in forms.items():
        assert handed.certificate is not None
        assert handed.private_key is not None
        account.secrets |= {CERTIFICATE: handed.certificate, KEY: handed.private_key}
        if handed.chain is not None:
            account.secrets[CHAIN] = handed.chain
        stack = Stack(account)
        answer = stack.create(
            properties(
                leaf,
                Certificate={"SecretArn": CERTIFICATE},
                CertificateChain={"SecretArn": CHAIN} if handed.chain is not None else None,
                PrivateKey={"SecretArn": KEY},
            )
        )
        assert answer["Status"] == "SUCCESS", (name, answer)
        stored = account.certificates.get(answer["Data"]["ServerCertificateName"])
        assert stored.material.body.strip() == leaf.pem.strip()
        assert (stored.material.chain or "").strip() == leaf.chain_pem().strip()
        stack.delete()
    assert not account.names()


def test_an_encrypted_key_is_refused_with_the_way_out(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Without a passphrase, the reason says to provide it, or how to decrypt the key."""
    leaf = authority.leaf()
    declared = properties(leaf)
    account.secrets[declared["PrivateKey"]["SecretArn"]] = leaf.key_pem(password="correct horse")  # noqa: S106 (no secret)
    answer = Stack(account).create(declared)
    assert answer["Status"] == "FAILED"
    assert "Provide its passphrase, or decrypt it: openssl ec -in " in answer["Reason"]
    assert not account.names()


@pytest.mark.parametrize(
    ("acknowledged", "status"),
    [(None, "FAILED"), ([], "FAILED"), (["weak-key"], "FAILED"), (["chain-missing"], "SUCCESS")],
)
def test_an_acknowledged_finding_stops_no_upload(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    acknowledged: list[str] | None,
    status: str,
) -> None:
    """A certificate without its chain is uploaded if, and only if, the user says so."""
    declared = properties(authority.leaf(), CertificateChain=None, Acknowledge=acknowledged)
    answer = Stack(account).create(declared)
    assert answer["Status"] == status


def test_what_is_bound_to_fail_cannot_be_acknowledged(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Somebody may write the property by hand; a key of another certificate stays an error."""
    leaf = authority.leaf()
    declared = properties(leaf, Acknowledge=["private-key-mismatch"])
    account.secrets[declared["PrivateKey"]["SecretArn"]] = authority.leaf().key_pem()
    answer = Stack(account).create(declared)
    assert "doesn't belong to the certificate" in answer["Reason"]


def test_acknowledging_alone_changes_nothing(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """An update that only acknowledges something keeps the certificate as it is."""
    stack = Stack(account)
    leaf = authority.leaf()
    stack.create(properties(leaf))
    before = stack.physical_id
    answer = stack.update(properties(leaf, Acknowledge=["chain-missing"]))
    assert answer["PhysicalResourceId"] == before
    assert account.calls.count("UploadServerCertificate") == 1

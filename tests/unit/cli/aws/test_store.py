"""``server-certificate store``: what is written to a secret, and when."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Authority, Issued, self_signed
from server_certificate_cli.aws.material import Fields
from server_certificate_cli.errors import RefusedError
from support.command import write_parts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.command import Ended
    from support.command_account import CommandAccount


def test_new_secret(
    account: CommandAccount, folder: Path, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """A missing secret is created with three fields, and its ARN is printed."""
    done = run("store", "--secret", "www", str(folder))

    assert (done.code, done.err) == (0, "")
    assert account.stored["www"].present == {
        "certificate": leaf.pem,
        "privateKey": leaf.key_pem(),
        "certificateChain": leaf.chain_pem(root=False),
    }
    assert f"Created the secret {account.stored['www'].arn}." in done.out
    assert account.calls == ["GetSecretValue", "CreateSecret", "DescribeSecret"]


def test_no_chain(account: CommandAccount, tmp_path: Path, run: Callable[..., Ended]) -> None:
    """Without a chain, neither the secret nor the code has a field for it."""
    folder = write_parts(tmp_path / "alone", self_signed(), root=False)
    done = run("store", "--secret", "www", str(folder))
    assert set(account.stored["www"].present) == {"certificate", "privateKey"}
    assert "chain" not in done.out.partition("from aws_cdk")[2]


def test_converts(
    account: CommandAccount, tmp_path: Path, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """An encrypted PKCS#12 bundle is stored as unencrypted PEM."""
    (tmp_path / "www.p12").write_bytes(leaf.pkcs12("correct horse", root=False))
    (tmp_path / "passphrase").write_text("correct horse\n")
    done = run(
        *("store", "--secret", "www", "--bundle", str(tmp_path / "www.p12")),
        *("--passphrase-file", str(tmp_path / "passphrase")),
    )
    assert done.code == 0, done.err
    assert account.stored["www"].present["certificate"] == leaf.pem
    assert account.stored["www"].present["privateKey"] == leaf.key_pem()


def test_same_again(account: CommandAccount, folder: Path, run: Callable[..., Ended]) -> None:
    """If the secret has the same content, nothing is written, and its version is printed."""
    first = run("store", "--secret", "www", str(folder), "--json").json
    account.calls.clear()
    again = run("store", "--secret", "www", str(folder), "--json").json
    output = run("store", "--secret", "www", str(folder))

    assert first["changed"] is True
    assert again == {**first, "changed": False}
    assert len(account.stored["www"].versions) == 1
    assert "already has the same content. Nothing was written" in output.out
    assert first["version_id"] in output.out
    assert "PutSecretValue" not in account.calls


def test_same_but_for_white_space(
    account: CommandAccount, folder: Path, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """Trailing line breaks don't make the content different."""
    fields = {
        "privateKey": leaf.key_pem().strip(),
        "certificate": leaf.pem + "\n",
        "certificateChain": leaf.chain_pem(root=False),
    }
    account.secret("www", fields)
    assert run("store", "--secret", "www", str(folder), "--json").json["changed"] is False


def test_renewed(
    account: CommandAccount,
    authority: Authority,
    folder: Path,
    tmp_path: Path,
    run: Callable[..., Ended],
) -> None:
    """Other content becomes a new version, and the previous one is named."""
    before = run("store", "--secret", "www", str(folder), "--json").json["version_id"]
    renewed = authority.leaf("www.example.com")

    done = run(
        "store", "--secret", "www", str(write_parts(tmp_path / "renewed", renewed, root=False))
    )

    assert done.code == 0
    assert account.stored["www"].present["certificate"] == renewed.pem
    assert next(iter(account.stored["www"].versions)) == before
    assert list(account.stored["www"].versions)[1] in done.out
    assert f"The previous version, {before}, is kept as AWSPREVIOUS." in done.out


def test_without_its_chain(
    account: CommandAccount, folder: Path, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """A missing chain is added to the secret."""
    account.secret("www", {"certificate": leaf.pem, "privateKey": leaf.key_pem()})
    assert run("store", "--secret", "www", str(folder), "--json").json["changed"] is True
    assert "certificateChain" in account.stored["www"].present


def test_too_large() -> None:
    """Content that is too large is an error that shows both sizes; the maximum size is stored."""

    def fields(length: int) -> Fields:
        return Fields({"certificate": "x" * length, "privateKey": ""})

    room = 65_536 - len(fields(0).as_text())
    assert len(fields(room).as_text()) == 65_536
    with pytest.raises(
        RefusedError, match="are 65,537 bytes as JSON, but a secret can have at most 65,536"
    ):
        fields(room + 1).as_text()


def test_secret_without_a_value(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """A secret without a value gets its first version."""
    account.secret("www", "x").versions.clear()
    done = run("store", "--secret", "www", str(folder), "--json")
    assert done.json["changed"] is True
    assert len(account.stored["www"].versions) == 1


def test_settings_of_a_new_secret(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """The KMS key, description and tags are set for a new secret only."""
    words = (
        "store",
        "--secret",
        "www",
        str(folder),
        "--json",
        "--kms-key-id",
        "alias/certificates",
    )
    words += ("--description", "The site", "--tag", "team=edge", "--tag", "note=a=b")
    assert run(*words).err == ""
    made = account.stored["www"]
    assert (made.kms_key_id, made.description) == ("alias/certificates", "The site")
    assert made.tags == {"team": "edge", "note": "a=b"}
    assert run(*words).err == (
        "Ignored, because the secret already exists: --kms-key-id, --description, --tag.\n"
    )


def test_throttled(account: CommandAccount, folder: Path, run: Callable[..., Ended]) -> None:
    """Lasting throttling is reported."""
    account.refuse["CreateSecret"] = [(400, "ThrottlingException", "Rate exceeded")] * 9
    done = run("store", "--secret", "www", str(folder), "--json")
    assert done.code == 1
    assert "Secrets Manager throttled the request" in done.err
    assert account.stored == {}


def test_the_same_version_when_tried_again(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """A retried request has the same token, so it creates only one version."""
    account.refuse["CreateSecret"] = [(500, "InternalServiceError", "")]
    run("store", "--secret", "www", str(folder))
    tokens = {json.loads(body).get("ClientRequestToken") for body in account.sent}
    assert len(tokens - {None}) == 1


def test_no_key_material_anywhere(
    monkeypatch: pytest.MonkeyPatch,
    account: CommandAccount,
    tmp_path: Path,
    leaf: Issued,
    run: Callable[..., Ended],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither the private key nor the passphrase is in the output or the log."""
    monkeypatch.setenv("SERVER_CERTIFICATE_DEBUG", "1")
    monkeypatch.setenv("PASSPHRASE", "correct horse")
    (tmp_path / "www.p12").write_bytes(leaf.pkcs12("correct horse", root=False))
    words = ("store", "--secret", "www", "--bundle", str(tmp_path / "www.p12"))
    words += ("--passphrase-env", "PASSPHRASE")
    key_lines = [line for line in leaf.key_pem().splitlines() if not line.startswith("-")]
    quoting = f"1 validation error: Value '{leaf.key_pem()}' at 'secretString'"

    ends = []
    for code in ("ValidationException", "InvalidParameterException", "InternalServiceError"):
        account.refuse["CreateSecret"] = [(400, code, quoting)] * 3
        ends.append(run(*words))
    account.refuse.clear()
    account.afterwards["CreateSecret"] = lambda: json.loads(leaf.key_pem())
    ends.append(run(*words))
    account.stored.clear()
    ends += [run(*words), run(*words), run(*words, "--json")]

    assert [end.code for end in ends] == [1, 1, 1, 70, 0, 0, 0]
    everything = "".join(end.out + end.err for end in ends) + caplog.text
    for secret in ("correct horse", *key_lines):
        assert secret not in everything
        assert secret.encode().hex() not in everything

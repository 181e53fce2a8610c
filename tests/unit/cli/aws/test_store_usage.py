"""``server-certificate store``: its arguments, and invalid usage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Authority, Fault, Issued
from support.command import write_parts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.command import Ended
    from support.command_account import CommandAccount


def test_by_arn(
    monkeypatch: pytest.MonkeyPatch,
    account: CommandAccount,
    folder: Path,
    run: Callable[..., Ended],
) -> None:
    """An ARN selects the secret and its Region."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    arn = account.secret("www", {"certificate": ""}).arn
    assert run("store", "--secret", arn, str(folder), "--json").json["secret_arn"] == arn
    assert account.regions["secretsmanager"] == "eu-central-1"
    assert "CreateSecret" not in account.calls


def test_arn_of_nothing(account: CommandAccount, folder: Path, run: Callable[..., Ended]) -> None:
    """A secret can't be created with an ARN, and the error says what to do."""
    arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:none-AbCdEf"
    done = run("store", "--secret", arn, str(folder))
    assert done.code == 1
    assert (
        f"There is no secret '{arn}' in this account and Region. To create a secret, use a name"
        in done.err
    )
    assert account.stored == {}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--secret", "a secret"), "'a secret' is not a valid secret name"),
        (("--secret", ""), "'' is not a valid secret name"),
        (("--secret", "x" * 513), "is not a valid secret name"),
        (("--secret", "arn:aws:s3:::bucket"), "is not the ARN of a secret. The format is arn:"),
        (
            (
                "--secret",
                "arn:aws:secretsmanager:eu-central-1:111122223333:secret:www-AbCdEf",
                "--region",
                "eu-west-1",
            ),
            "Omit --region, or change it.",
        ),
        (("--secret", "www", "--tag", "team"), "'team' is not KEY=VALUE."),
        (("--secret", "www", "--tag", "=edge"), "'=edge' is not KEY=VALUE."),
        (("--secret", "www", "--tag", "k=" + "v" * 257), "is too long: a key can have 128"),
        (("--secret", "www", "--tag", "aws:k=v"), "'aws:', which is reserved."),
        (("--secret", "www", "--tag", "k=v", "--tag", "k=w"), "repeats a key."),
        (
            ("--secret", "www", *(word for n in range(51) for word in ("--tag", f"k{n}=v"))),
            "a secret can have at most 50 tags.",
        ),
        (("--secret", "www", "--description", "x" * 2049), "it must have 1 to 2,048 characters."),
        ((), "Missing option '--secret'"),
    ],
)
def test_wrong_usage(
    words: tuple[str, ...],
    sentence: str,
    account: CommandAccount,
    folder: Path,
    run: Callable[..., Ended],
) -> None:
    """Invalid arguments are usage errors without a request."""
    done = run("store", *words, str(folder))
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert account.calls == []


def test_no_region(
    monkeypatch: pytest.MonkeyPatch,
    account: CommandAccount,
    folder: Path,
    run: Callable[..., Ended],
) -> None:
    """Without a Region, the error says how to set it."""
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    done = run("store", "--secret", "www", str(folder))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Error: No AWS Region is configured")
    assert account.calls == []


def test_no_private_key(account: CommandAccount, folder: Path, run: Callable[..., Ended]) -> None:
    """Without a private key, from options or a folder, nothing is stored."""
    by_options = run("store", "--secret", "www", "--certificate", str(folder / "certificate.pem"))
    (folder / "private-key.pem").unlink()
    by_folder = run("store", "--secret", "www", str(folder))
    assert by_options.code == by_folder.code == 2
    assert "Add --private-key." in by_options.err
    assert "does not contain a private key with a known name" in by_folder.err
    assert account.calls == []


def test_certificate_alone(
    account: CommandAccount, tmp_path: Path, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """A certificate with its chain as the target is stored only with its private key, as an option."""
    certificate, key = tmp_path / "www.pem", tmp_path / "www.key"
    certificate.write_text(leaf.fullchain_pem())
    key.write_text(leaf.key_pem())
    words = ("store", "--secret", "www", str(certificate))
    done = run(*words)
    assert done.code == 1
    assert done.err.endswith(
        "does not contain a private key, which an upload requires. Add --private-key.\n"
    )
    assert account.calls == []
    assert run(*words, "--private-key", str(key)).code == 0


def test_bundle_without_private_key(
    account: CommandAccount, tmp_path: Path, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """A bundle without a private key is rejected."""
    (tmp_path / "bundle.pem").write_text(leaf.fullchain_pem())
    done = run("store", "--secret", "www", "--bundle", str(tmp_path / "bundle.pem"))
    assert done.code == 1
    assert "no-private-key" in done.out
    assert account.calls == []


def test_several_targets(
    account: CommandAccount, folder: Path, authority: Authority, run: Callable[..., Ended]
) -> None:
    """Two folders, or a folder with folders, are a usage error, because a secret contains one certificate."""
    other = write_parts(folder.parent / "other", authority.leaf(), root=False)
    for words in ((str(folder), str(other)), (str(folder.parent),)):
        done = run("store", "--secret", "www", *words)
        assert done.code == 2
        assert "A secret can contain one certificate." in done.err
    assert account.calls == []


def test_rejected(
    account: CommandAccount, authority: Authority, tmp_path: Path, run: Callable[..., Ended]
) -> None:
    """A rejected certificate is not stored, and the report is the same as for check."""
    expired = write_parts(tmp_path / "expired", authority.leaf(fault=Fault.EXPIRED), root=False)
    done = run("store", "--secret", "www", str(expired))
    machines = run("store", "--secret", "www", str(expired), "--json")
    assert done.code == machines.code == 1
    assert "certificate-expired" in done.out
    assert "Nothing was stored, because the certificate was rejected." in done.err
    assert machines.json["targets"][0]["accepted"] is False
    assert account.calls == []


def test_missing_file(account: CommandAccount, folder: Path, run: Callable[..., Ended]) -> None:
    """An unreadable file results in exit code 2 without a request."""
    (folder / "certificate-chain.pem").unlink()
    (folder / "certificate-chain.pem").symlink_to("nowhere")
    done = run("store", "--secret", "www", str(folder))
    assert done.code == 2
    assert "certificate-chain.pem" in done.err
    assert account.calls == []

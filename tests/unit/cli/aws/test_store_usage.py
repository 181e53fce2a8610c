"""``server-certificate store``: what it is given, and what it refuses to begin with."""

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
    """An ARN names a secret, and the Region that it lies in."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    arn = account.secret("www", {"certificate": "x"}).arn
    assert run("store", "--secret", arn, str(folder), "--json").json["secret_arn"] == arn
    assert account.regions["secretsmanager"] == "eu-central-1"
    assert "CreateSecret" not in account.calls


def test_arn_of_nothing(account: CommandAccount, folder: Path, run: Callable[..., Ended]) -> None:
    """Nothing is created under an ARN; the way out is told."""
    arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:none-AbCdEf"
    done = run("store", "--secret", arn, str(folder))
    assert done.code == 1
    assert f"There is no secret '{arn}' in this account and Region. To create one" in done.err
    assert account.stored == {}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--secret", "a secret"), "'a secret' cannot be a secret's name"),
        (("--secret", ""), "'' cannot be a secret's name"),
        (("--secret", "x" * 513), "cannot be a secret's name"),
        (("--secret", "arn:aws:s3:::bucket"), "is not the ARN of a secret, which looks like arn:"),
        (
            (
                "--secret",
                "arn:aws:secretsmanager:eu-central-1:111122223333:secret:www-AbCdEf",
                "--region",
                "eu-west-1",
            ),
            "contradict each other. Leave --region out.",
        ),
        (("--secret", "www", "--tag", "team"), "'team' is not KEY=VALUE."),
        (("--secret", "www", "--tag", "=edge"), "'=edge' is not KEY=VALUE."),
        (("--secret", "www", "--tag", "k=" + "v" * 257), "is too long; a key has up to 128"),
        (("--secret", "www", "--tag", "aws:k=v"), "'aws:', which is reserved."),
        (("--secret", "www", "--tag", "k=v", "--tag", "k=w"), "gives a key a second time."),
        (
            ("--secret", "www", *(word for n in range(51) for word in ("--tag", f"k{n}=v"))),
            "a secret has up to 50 tags.",
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
    """What can't work is wrong usage, and nothing is asked of AWS."""
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
    """A secret lies in a Region: without one, that is the sentence."""
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    done = run("store", "--secret", "www", str(folder))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Error: No AWS Region is configured")
    assert account.calls == []


def test_no_private_key(account: CommandAccount, folder: Path, run: Callable[..., Ended]) -> None:
    """Without a private key there is nothing to store, by options or in a folder."""
    by_options = run("store", "--secret", "www", "--certificate", str(folder / "certificate.pem"))
    (folder / "private-key.pem").unlink()
    by_folder = run("store", "--secret", "www", str(folder))
    assert by_options.code == by_folder.code == 2
    assert "Give --private-key, too." in by_options.err
    assert "holds no private key under a name that is known" in by_folder.err
    assert account.calls == []


def test_bundle_without_private_key(
    account: CommandAccount, tmp_path: Path, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """A bundle that turns out to hold no private key is refused."""
    (tmp_path / "bundle.pem").write_text(leaf.fullchain_pem())
    done = run("store", "--secret", "www", "--bundle", str(tmp_path / "bundle.pem"))
    assert done.code == 1
    assert "without a private key" in done.out
    assert account.calls == []


def test_several_targets(
    account: CommandAccount, folder: Path, authority: Authority, run: Callable[..., Ended]
) -> None:
    """A secret holds one certificate: two folders, or a folder of folders, are wrong usage."""
    other = write_parts(folder.parent / "other", authority.leaf(), root=False)
    for words in ((str(folder), str(other)), (str(folder.parent),)):
        done = run("store", "--secret", "www", *words)
        assert done.code == 2
        assert "A secret holds one certificate." in done.err
    assert account.calls == []


def test_rejected(
    account: CommandAccount, authority: Authority, tmp_path: Path, run: Callable[..., Ended]
) -> None:
    """Material that check rejects is not stored, and the report is the same."""
    expired = write_parts(tmp_path / "expired", authority.leaf(fault=Fault.EXPIRED), root=False)
    done = run("store", "--secret", "www", str(expired))
    machines = run("store", "--secret", "www", str(expired), "--json")
    assert done.code == machines.code == 1
    assert "certificate-expired" in done.out
    assert "Nothing was stored: the material is rejected." in done.err
    assert machines.json["accepted"] is False
    assert account.calls == []


def test_missing_file(account: CommandAccount, folder: Path, run: Callable[..., Ended]) -> None:
    """A file that can't be read ends with exit code 2, before anything is asked."""
    (folder / "certificate-chain.pem").unlink()
    (folder / "certificate-chain.pem").symlink_to("nowhere")
    done = run("store", "--secret", "www", str(folder))
    assert done.code == 2
    assert "certificate-chain.pem" in done.err
    assert account.calls == []

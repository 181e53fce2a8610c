"""``server-certificate store`` does not overwrite unrelated content by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dev.certificates.authority import Authority
    from support.command import Ended
    from support.command_account import CommandAccount

FOREIGN = {
    "a password": ("hunter2", "text that is not a JSON object"),
    "credentials": (
        {"username": "admin", "password": "hunter2"},
        "2 fields other than 'certificate', 'privateKey', 'certificateChain'",
    ),
    "one field more": (
        {"certificate": "x", "hunter2": "x"},
        "a field other than 'certificate', 'privateKey', 'certificateChain'",
    ),
    "a list": ('["hunter2"]', "JSON that is not an object"),
    "a number": ('{"certificate": 1}', "a field whose value is not a string"),
    "bytes": (b"hunter2", "binary data"),
    "deep nesting": ("[" * 100_000, "text that is not a JSON object"),
}


@pytest.mark.parametrize("about", FOREIGN)
def test_foreign_secret(
    about: str, account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """A secret with other content is not changed, and its content is not quoted."""
    content, kind = FOREIGN[about]
    account.secret("db", content)
    done = run("store", "--secret", "db", str(folder), "--json")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"Error: The secret 'db' contains {kind}. Nothing was written. Use another --secret, or replace the content with --force.\n"
    )
    assert account.calls == ["GetSecretValue"]


def test_force(account: CommandAccount, folder: Path, run: Callable[..., Ended]) -> None:
    """--force replaces other content."""
    account.secret("db", "hunter2")
    done = run("store", "--secret", "db", str(folder), "--force")
    assert done.code == 0
    assert "hunter2" not in done.out + done.err
    assert len(account.stored["db"].versions) == 2


def test_force_does_not_write_the_same(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """--force has no effect on a secret with the same content."""
    run("store", "--secret", "www", str(folder))
    words = ("store", "--secret", "www", str(folder), "--force", "--json")
    assert run(*words).json["changed"] is False
    assert len(account.stored["www"].versions) == 1


def other(account: CommandAccount, authority: Authority, *names: str) -> None:
    """Put a secret with a certificate for other names into the account."""
    former = authority.leaf(*names)
    account.secret("www", {"certificate": former.pem, "privateKey": former.key_pem()})


@pytest.mark.parametrize("more", [(), ("--json",)], ids=["text", "JSON"])
def test_another_domain(
    more: tuple[str, ...],
    account: CommandAccount,
    authority: Authority,
    folder: Path,
    run: Callable[..., Ended],
) -> None:
    """Without a terminal, a certificate for other domains is an error with both, and with the option."""
    other(account, authority, "shop.example.com")
    done = run("store", "--secret", "www", str(folder), *more)
    assert done.code == 1
    assert "is for shop.example.com (CN=shop.example.com, until 2030-07-30T12:00:00Z)" in done.err
    assert "the new one is for www.example.com. Nothing was written." in done.err
    assert done.err.endswith("or replace the certificate with --force.\n")
    assert "PRIVATE KEY" not in done.out + done.err
    assert len(account.stored["www"].versions) == 1


@pytest.mark.parametrize(
    ("names", "dropped"),
    [
        (("www.example.com",), ""),
        (("*.example.com", "example.com"), "*.example.com, example.com"),
        (("WWW.example.com", "old.example.com"), "old.example.com"),
    ],
)
def test_a_domain_in_common(
    names: tuple[str, ...],
    dropped: str,
    account: CommandAccount,
    authority: Authority,
    folder: Path,
    run: Callable[..., Ended],
) -> None:
    """A certificate with a name in common is replaced, and the names that it loses are shown."""
    other(account, authority, *names)
    done = run("store", "--secret", "www", str(folder))
    assert (done.code, done.err) == (0, "")
    assert (f"  dropped  {dropped}\n" in done.out) is bool(dropped)
    assert len(account.stored["www"].versions) == 2


def test_force_over_another_domain(
    account: CommandAccount, authority: Authority, folder: Path, run: Callable[..., Ended]
) -> None:
    """--force replaces it, and the output still shows both."""
    other(account, authority, "shop.example.com")
    done = run("store", "--secret", "www", str(folder), "--force")
    assert done.code == 0
    assert "stored   shop.example.com; CN=shop.example.com" in done.out
    assert len(account.stored["www"].versions) == 2


@pytest.mark.parametrize(("agrees", "versions"), [(True, 2), (False, 1)])
def test_asked(
    agrees: bool,  # noqa: FBT001 - the answer
    versions: int,
    account: CommandAccount,
    authority: Authority,
    folder: Path,
    answer: Callable[[bool], list[str]],
    run: Callable[..., Ended],
) -> None:
    """On a terminal, a person decides."""
    other(account, authority, "shop.example.com")
    questions = answer(agrees)
    done = run("store", "--secret", "www", str(folder))
    assert questions == ["The domains differ. Replace it?"]
    assert done.code == (0 if agrees else 1)
    assert len(account.stored["www"].versions) == versions


def test_certificate_that_can_not_be_read(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """What can't be compared is not replaced without agreement."""
    account.secret("www", {"certificate": "x", "privateKey": "hunter2"})
    done = run("store", "--secret", "www", str(folder))
    assert done.code == 1
    assert "its certificate can't be read. Nothing was written." in done.err
    assert "hunter2" not in done.out + done.err


@pytest.mark.parametrize(
    ("given", "restoring"),
    [
        ("www", "--secret-id www"),
        (
            "arn:aws:secretsmanager:eu-central-1:111122223333:secret:www-AbCdEf",
            (
                "--secret-id arn:aws:secretsmanager:eu-central-1:111122223333:secret:www-AbCdEf"
                " --region eu-central-1"
            ),
        ),
    ],
)
def test_scheduled_for_deletion(
    given: str, restoring: str, account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """For a secret that is scheduled for deletion, the command to restore it is printed."""
    account.secret("www", {"certificate": "x"}, is_deleted=True)
    done = run("store", "--secret", given, str(folder), "--force")
    assert done.code == 1
    assert done.err.endswith(
        "is scheduled for deletion. Restore it, and then run store again. To restore it, run: aws secretsmanager restore-secret"
        f" {restoring}\n"
    )


DENIED = (
    400,
    "AccessDeniedException",
    (
        "User: arn:aws:iam::111122223333:user/me is not authorized to perform:"
        " secretsmanager:GetSecretValue on resource: www because no identity-based policy allows"
        " the secretsmanager:GetSecretValue action"
    ),
)


def test_denied_where_policies_name_secrets(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """If access to a missing secret is denied, the secret is still created."""
    account.refuse["GetSecretValue"] = [DENIED]
    assert run("store", "--secret", "www", str(folder), "--json").json["changed"] is True
    assert account.calls == ["GetSecretValue", "CreateSecret"]


@pytest.mark.parametrize("creating", [[DENIED], []])
def test_denied(
    creating: list[tuple[int, str, str]],
    account: CommandAccount,
    folder: Path,
    run: Callable[..., Ended],
) -> None:
    """A secret that can't be read is not overwritten, and the error is reported."""
    account.secret("www", "hunter2")
    account.refuse["GetSecretValue"] = [DENIED]
    account.refuse["CreateSecret"] = creating
    done = run("store", "--secret", "www", str(folder), "--json", "--force")
    assert (done.code, done.out) == (1, "")
    assert "AWS denied secretsmanager:GetSecretValue on www to arn:aws:iam::1" in done.err
    assert len(account.stored["www"].versions) == 1


def test_created_by_somebody_meanwhile(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """A secret that someone else creates at the same time is checked before it gets a version."""
    account.afterwards["GetSecretValue"] = lambda: account.secret("www", "hunter2") and None
    done = run("store", "--secret", "www", str(folder), "--json")
    assert done.code == 1
    assert "contains text that is not a JSON object" in done.err

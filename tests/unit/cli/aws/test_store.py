"""``server-certificate store``: into a secret, and never over anything else by mistake."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Authority, Fault, Issued, self_signed
from server_certificate_cli.aws.material import Fields
from server_certificate_cli.errors import RefusedError
from support.command import write_parts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.command import Ended
    from support.command_account import CommandAccount

DENIED = (
    400,
    "AccessDeniedException",
    (
        "User: arn:aws:iam::111122223333:user/me is not authorized to perform:"
        " secretsmanager:GetSecretValue on resource: www because no identity-based policy allows"
        " the secretsmanager:GetSecretValue action"
    ),
)


def test_new_secret(
    account: CommandAccount, folder: Path, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """A secret that doesn't exist is created with three fields, and told with its ARN."""
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
    """Without a chain there is no field for one, neither in the secret nor in the app."""
    folder = write_parts(tmp_path / "alone", self_signed(), root=False)
    done = run("store", "--secret", "www", str(folder))
    assert set(account.stored["www"].present) == {"certificate", "privateKey"}
    assert "chain" not in done.out.partition("from aws_cdk")[2]


def test_converts(
    account: CommandAccount, tmp_path: Path, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """A PKCS#12 bundle under a passphrase arrives as PEM, without encryption."""
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
    """What the secret holds already is not written again, and its version is told."""
    first = run("store", "--secret", "www", str(folder), "--json").json
    account.calls.clear()
    again = run("store", "--secret", "www", str(folder), "--json").json
    told = run("store", "--secret", "www", str(folder))

    assert first["changed"] is True
    assert again == {**first, "changed": False}
    assert len(account.stored["www"].versions) == 1
    assert "holds the same already; nothing was written" in told.out
    assert first["version_id"] in told.out
    assert "PutSecretValue" not in account.calls


def test_same_but_for_white_space(
    account: CommandAccount, folder: Path, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """Line breaks at the ends make no other material."""
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
    """Other material becomes a new version, and the one before is named."""
    before = run("store", "--secret", "www", str(folder), "--json").json["version_id"]
    renewed = authority.leaf("www.example.com")

    done = run(
        "store", "--secret", "www", str(write_parts(tmp_path / "renewed", renewed, root=False))
    )

    assert done.code == 0
    assert account.stored["www"].present["certificate"] == renewed.pem
    assert next(iter(account.stored["www"].versions)) == before
    assert list(account.stored["www"].versions)[1] in done.out
    assert f"The version before, {before}, stays as AWSPREVIOUS." in done.out


def test_without_its_chain(
    account: CommandAccount, folder: Path, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """A secret that lacks the chain gets it: less of the same is not the same."""
    account.secret("www", {"certificate": leaf.pem, "privateKey": leaf.key_pem()})
    assert run("store", "--secret", "www", str(folder), "--json").json["changed"] is True
    assert "certificateChain" in account.stored["www"].present


FOREIGN = {
    "a password": ("hunter2", "a text that is no JSON object"),
    "credentials": (
        {"username": "admin", "password": "hunter2"},
        "2 fields that are neither 'certificate' nor 'privateKey' nor 'certificateChain'",
    ),
    "one field more": (
        {"certificate": "x", "hunter2": "x"},
        "a field that is neither 'certificate' nor 'privateKey' nor 'certificateChain'",
    ),
    "a list": ('["hunter2"]', "JSON that is no object"),
    "a number": ('{"certificate": 1}', "a field for material whose value is no text"),
    "bytes": (b"hunter2", "binary data"),
    "deep nesting": ("[" * 100_000, "a text that is no JSON object"),
}


@pytest.mark.parametrize("about", FOREIGN)
def test_foreign_secret(
    about: str, account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """A secret that holds something else is left alone, and nothing of it is told."""
    content, kind = FOREIGN[about]
    account.secret("db", content)
    done = run("store", "--secret", "db", str(folder), "--json")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"Error: The secret 'db' holds {kind}, so nothing was written. Name another one with"
        " --secret, or replace what it holds with --force.\n"
    )
    assert account.calls == ["GetSecretValue"]


def test_force(account: CommandAccount, folder: Path, run: Callable[..., Ended]) -> None:
    """--force replaces something else."""
    account.secret("db", "hunter2")
    done = run("store", "--secret", "db", str(folder), "--force")
    assert done.code == 0
    assert "hunter2" not in done.out + done.err
    assert len(account.stored["db"].versions) == 2


def test_force_does_not_write_the_same(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """--force has no effect on a secret that holds the same."""
    run("store", "--secret", "www", str(folder))
    words = ("store", "--secret", "www", str(folder), "--force", "--json")
    assert run(*words).json["changed"] is False
    assert len(account.stored["www"].versions) == 1


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
    """A secret that is scheduled for deletion is told with the command that restores it."""
    account.secret("www", {"certificate": "x"}, is_deleted=True)
    done = run("store", "--secret", given, str(folder), "--force")
    assert done.code == 1
    assert done.err.endswith(
        "is scheduled for deletion. Restore it, then store again:"
        f" aws secretsmanager restore-secret {restoring}\n"
    )


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
    assert "holds no private key" in done.err
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


def test_too_large() -> None:
    """What no secret can hold is told with both sizes; what one just holds is written."""

    def fields(length: int) -> Fields:
        return Fields({"certificate": "x" * length, "privateKey": ""})

    room = 65_536 - len(fields(0).as_text())
    assert len(fields(room).as_text()) == 65_536
    with pytest.raises(
        RefusedError, match="have 65,537 bytes as JSON; a secret holds up to 65,536"
    ):
        fields(room + 1).as_text()


def test_denied_where_policies_name_secrets(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """A secret that doesn't exist is denied rather than missing: it is created all the same."""
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
    """A secret that may not be read is never overwritten, and the denial is told."""
    account.secret("www", "hunter2")
    account.refuse["GetSecretValue"] = [DENIED]
    account.refuse["CreateSecret"] = creating
    done = run("store", "--secret", "www", str(folder), "--json", "--force")
    assert (done.code, done.out) == (1, "")
    assert "AWS denies secretsmanager:GetSecretValue on www to arn:aws:iam::1" in done.err
    assert len(account.stored["www"].versions) == 1


def test_created_by_somebody_meanwhile(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """A secret that somebody creates between two calls is judged before it gets a version."""
    account.afterwards["GetSecretValue"] = lambda: account.secret("www", "hunter2") and None
    done = run("store", "--secret", "www", str(folder), "--json")
    assert done.code == 1
    assert "holds a text that is no JSON object" in done.err


def test_secret_without_a_value(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """A secret that was created without a value gets its first one."""
    account.secret("www", "x").versions.clear()
    done = run("store", "--secret", "www", str(folder), "--json")
    assert done.json["changed"] is True
    assert len(account.stored["www"].versions) == 1


def test_settings_of_a_new_secret(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """KMS key, description and tags arrive, and count for a new secret only."""
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
        "Without effect: --kms-key-id, --description, --tag, for the secret existed already.\n"
    )


def test_throttled(account: CommandAccount, folder: Path, run: Callable[..., Ended]) -> None:
    """Throttling is told once it has lasted."""
    account.refuse["CreateSecret"] = [(400, "ThrottlingException", "Rate exceeded")] * 9
    done = run("store", "--secret", "www", str(folder), "--json")
    assert done.code == 1
    assert "Secrets Manager is asked too often" in done.err
    assert account.stored == {}


def test_the_same_version_when_tried_again(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """A call that is made again carries the same token: no second version, whatever got lost."""
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
    """Neither key nor passphrase is in output or log, whatever happens."""
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

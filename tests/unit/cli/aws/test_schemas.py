"""The JSON output of the commands for AWS has the documented form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Fault
from local_cloud.iam.tags import Tag
from server_certificate.contract.ownership import LOGICAL_ID_TAG, STACK_ID_TAG
from support.command import write_parts
from support.schemas import follows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dev.certificates.authority import Authority, Issued
    from support.command import Ended
    from support.command_account import CommandAccount

STACK = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/0a1b2c3d"
OWNED = (Tag(LOGICAL_ID_TAG, "Certificate1A2B"), Tag(STACK_ID_TAG, STACK))
DENIED = (403, "AccessDenied", "no")


@pytest.fixture
def populated(account: CommandAccount, leaf: Issued) -> CommandAccount:
    """Return an account with an owned, a foreign and a used certificate."""
    account.hold("owned", leaf, tags=OWNED)
    used = account.hold("foreign", leaf)
    account.used_by["arn:aws:cloudfront::111122223333:distribution/E1"] = [used.certificate_id]
    return account


@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("list", "--consumers"),
        ("show", "owned"),
        ("show", "foreign", "--consumers"),
        ("prune",),
        ("prune", "--older-than", "0h", "--yes", "--consumers"),
    ],
    ids=" ".join,
)
def test_output(
    words: tuple[str, ...], populated: CommandAccount, run: Callable[..., Ended]
) -> None:
    """Certificates with and without owners and consumers have the documented form."""
    done = run(*words, "--json")
    follows(words[0], done)
    assert (done.code, len(done.json["certificates"])) == (0, 1 if words[0] == "show" else 2)
    assert populated.calls


def test_unreadable_certificates(populated: CommandAccount, run: Callable[..., Ended]) -> None:
    """What is unknown is null."""
    populated.refuse["GetServerCertificate"] = [DENIED] * 4
    follows("list", run("list", "--json"))
    follows("prune", run("prune", "--json"))


def test_release(populated: CommandAccount, run: Callable[..., Ended]) -> None:
    """A plan, a release, and a certificate without tags have one form."""
    for words in ((), ("--yes",), ()):
        follows("release", run("release", "owned", "--json", *words, at=""))
    assert populated.calls


def test_store(
    account: CommandAccount,
    authority: Authority,
    folder: Path,
    tmp_path: Path,
    run: Callable[..., Ended],
) -> None:
    """A new secret, the same content, a renewal, a rejection and an unreadable file have one form."""
    renewed = write_parts(tmp_path / "renewed", authority.leaf("www.example.com"), root=False)
    expired = write_parts(tmp_path / "expired", authority.leaf(fault=Fault.EXPIRED), root=False)
    found = []
    for each in (folder, folder, renewed, expired, tmp_path / "missing"):
        done = run("store", "--secret", "www", str(each), "--json")
        follows("store", done)
        replaced = done.json["replaced"] and done.json["replaced"]["domains"]
        found.append((done.code, done.json["accepted"], done.json["changed"], replaced))
        assert (done.json["secret_arn"] is None) is (done.code != 0)
    assert found == [
        (0, True, True, None),
        (0, True, False, None),
        (0, True, True, ["www.example.com"]),
        (1, False, False, None),
        (2, False, False, None),
    ]
    assert len(account.stored["www"].versions) == 2

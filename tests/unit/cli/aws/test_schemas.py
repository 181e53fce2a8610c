"""The JSON output of the commands for AWS has the documented form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from dev import ROOT
from local_cloud.iam.tags import Tag
from server_certificate.contract.ownership import LOGICAL_ID_TAG, STACK_ID_TAG
from support.command import write_parts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dev.certificates.authority import Authority, Issued
    from support.command import Ended
    from support.command_account import CommandAccount

SCHEMAS = ROOT / "docs/reference/schemas"
STACK = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/0a1b2c3d"
OWNED = (Tag(LOGICAL_ID_TAG, "Certificate1A2B"), Tag(STACK_ID_TAG, STACK))
DENIED = (403, "AccessDenied", "no")


def check(name: str, written: Any) -> None:  # noqa: ANN401 - JSON
    """Compare an output with the schema of its command."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(written)


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
    check(words[0], done.json)
    assert (done.code, len(done.json["certificates"])) == (0, 1 if words[0] == "show" else 2)
    assert populated.calls


def test_unreadable_certificates(populated: CommandAccount, run: Callable[..., Ended]) -> None:
    """What is unknown is null."""
    populated.refuse["GetServerCertificate"] = [DENIED] * 4
    check("list", run("list", "--json").json)
    check("prune", run("prune", "--json").json)


def test_release(populated: CommandAccount, run: Callable[..., Ended]) -> None:
    """A plan, a release, and a certificate without tags have one form."""
    for words in ((), ("--yes",), ()):
        check("release", run("release", "owned", "--json", *words, at="").json)
    assert populated.calls


def test_store(
    account: CommandAccount,
    authority: Authority,
    folder: Path,
    tmp_path: Path,
    run: Callable[..., Ended],
) -> None:
    """A new secret, the same content, and a renewal have one form."""
    renewed = write_parts(tmp_path / "renewed", authority.leaf("www.example.com"), root=False)
    replaced = []
    for each in (folder, folder, renewed):
        written = run("store", "--secret", "www", str(each), "--json").json
        check("store", written)
        replaced.append(written["replaced"] and written["replaced"]["domains"])
    assert replaced == [None, None, ["www.example.com"]]
    assert len(account.stored["www"].versions) == 2

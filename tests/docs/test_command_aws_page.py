"""The console blocks of the page about the command and AWS, run against an account in this process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dev import ROOT
from dev.certificates.authority import DAY, NOW, Authority
from dev.simulator.account import ACCOUNT_ID, REGION
from local_cloud.iam.tags import Tag
from server_certificate.contract.ownership import LOGICAL_ID_TAG, RETAIN_TAG, STACK_ID_TAG
from server_certificate_cli.main import group
from support import consoles
from support.code_blocks import Block, page
from support.command_account import CommandAccount
from support.python_blocks import furnish

if TYPE_CHECKING:
    from pathlib import Path

PAGE = page(ROOT / "docs/reference/command-aws.md")
BLOCKS = [block for block in PAGE.blocks if block.language == "console"]
STACK = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/0a1b2c3d"
OWNED = (
    Tag(LOGICAL_ID_TAG, "Certificate1234"),
    Tag(STACK_ID_TAG, STACK),
    Tag("team", "edge"),
)


@pytest.fixture
def _account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the command meet an account with five certificates, in a folder with material."""
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    settings = {
        "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
        "AWS_SECRET_ACCESS_KEY": "opens-nothing",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "aws-credentials"),
        "NO_COLOR": "1",
        "COLUMNS": "100",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    account = CommandAccount()
    account.connect(monkeypatch)
    authority = Authority.root().intermediate()
    www = account.hold("www", authority.leaf("www.example.com"), tags=OWNED)
    account.stack_statuses[STACK] = "UPDATE_COMPLETE"
    account.resources[STACK, "Certificate1234"] = (www.certificate_id, "CREATE_COMPLETE")
    for name, more in (("beta", ()), ("legacy", (Tag(RETAIN_TAG, "true"),))):
        deleted = Tag(STACK_ID_TAG, STACK.replace("web", name))
        leaf = authority.leaf(f"{name}.example.com", not_after=NOW + 90 * DAY)
        account.hold(name, leaf, tags=(OWNED[0], deleted, *more))
    account.hold("shop", authority.leaf("shop.example.com", not_after=NOW + 17 * DAY))
    old = authority.leaf("old.example.com", not_after=NOW + DAY)
    account.hold("old", old, path="/cloudfront/old/")
    monkeypatch.chdir(furnish(tmp_path))


@pytest.mark.usefixtures("_account")
@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.text.split()[2])
def test_console(
    block: Block, capsys: pytest.CaptureFixture[str], pytestconfig: pytest.Config
) -> None:
    """The command prints what the page shows."""
    done = [(step, *printed(step, capsys)) for step in consoles.steps(block)]
    if pytestconfig.getoption("--update-pages", default=False):
        file = ROOT / PAGE.name
        file.write_text(consoles.updated(file.read_text("utf-8"), done), encoding="utf-8")
    else:
        assert [each for one in done if (each := consoles.difference(*one))] == []


def printed(step: consoles.Step, capsys: pytest.CaptureFixture[str]) -> tuple[str, int]:
    """Run a command in this process; return what it prints and its exit code."""
    _, *words = step.command.split()
    # The certificates in the account are valid at an instant of the tests, those in files today.
    instant = (
        () if words[0] in {"store", "release"} else ("--at", f"{NOW + 2 * DAY:%Y-%m-%dT%H:%M:%SZ}")
    )
    with pytest.raises(SystemExit) as ended:
        group.main([*words, *instant])
    return capsys.readouterr().out, int(ended.value.code or 0)

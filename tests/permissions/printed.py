"""The policies that the page about the command and AWS prints."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from dev import ROOT
from support.code_blocks import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from permissions.declaring import Statement

PAGE = ROOT / "docs/reference/command-aws.md"
ACCOUNT_ID = "111122223333"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"

_HEADING = re.compile(r"^### Permissions for (\w+)$", re.MULTILINE)


def printed_policies(replaced: Mapping[str, str]) -> dict[str, tuple[Statement, ...]]:
    """
    Return the statements of each policy, by the command that it is for.

    Where a command has a second policy, for ``--consumers``, it is granted in addition to the first.

    Args:
        replaced: What to write in place of the page's examples of ids.
    """
    text = PAGE.read_text("utf-8")
    found: dict[str, tuple[Statement, ...]] = {}
    for block in page(PAGE).blocks:
        if block.language != "json" or '"Statement"' not in block.text:
            continue
        before = "\n".join(text.splitlines()[: block.line])
        command = _HEADING.findall(before)[-1]
        content = block.text
        for example, real in replaced.items():
            content = content.replace(example, real)
        policy: dict[str, Any] = json.loads(content)
        assert policy["Version"] == "2012-10-17"
        name = f"{command} --consumers" if command in found else command
        found[name] = (*found.get(command, ()), *policy["Statement"])
    return found

"""
Write docs/reference/findings.md, the page about what the checks find, from the rules themselves.

    python -m dev.tools.findings_page            writes it
    python -m dev.tools.findings_page --check    exits 1 if it is out of date
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from dev import ROOT
from server_certificate.findings import Severity
from server_certificate.rules.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from server_certificate.findings import Rule

PAGE = ROOT / "docs/reference/findings.md"

_INTRODUCTION = """\
# Findings

<!-- Generated from the rules by `python -m dev.tools.findings_page`: change the rules, not this page. -->

The command `server-certificate`, the construct and the function in your account judge material by the same rules. All
that is found is told at once: a code, how much it weighs, what it is about (`certificate`, `chain[1]` for the second
element of the chain as you gave it, `private-key`, `name`, `path`, …), what is wrong, and how to fix it.

| severity | means | does the upload go on? |
| --- | --- | --- |
"""

_MEANINGS = {
    Severity.ERROR: (
        "IAM refuses it, or its documentation says it must not be like this",
        "no",
    ),
    Severity.FIXABLE: (
        "IAM would refuse the file as it is; converting it fixes that and loses nothing",
        "yes, converted; `server-certificate check --strict` refuses it",
    ),
    Severity.WARNING: ("IAM takes it; some consumer, or every browser, will not", "yes"),
    Severity.INFO: ("worth knowing", "yes"),
}

_ACKNOWLEDGING = """
## To acknowledge a finding

When you know of something and want it so, name its code:

- on the command, once for each code: `server-certificate check --ignore CODE …`;
- in the app: `ServerCertificate(…, acknowledge=["CODE"])`.

The finding is still told, as information, and no longer stops anything. What happens then stands with each rule below.
Where it says that a finding can't be acknowledged, the upload is bound to fail: naming its code there is refused.

## All rules
"""


def page(rules: Sequence[Rule]) -> str:
    """Return the page about some rules, in Markdown."""
    severities = (
        f"| **{severity.value}** | {meaning} | {consequence} |\n"
        for severity, (meaning, consequence) in _MEANINGS.items()
    )
    return "".join(
        (
            _INTRODUCTION,
            *severities,
            _ACKNOWLEDGING,
            "\n| code | severity | can be acknowledged |\n| --- | --- | --- |\n",
            *(_row(rule) for rule in rules),
            *(_section(rule) for rule in rules),
        )
    )


def main(arguments: Sequence[str] | None = None, *, target: Path = PAGE) -> int:
    """
    Write the page, or check it.

    Args:
        arguments: What follows the name of the command.
        target: Where the page is.

    Returns:
        The exit code: 1 if the page was to be checked and is out of date.
    """
    parser = argparse.ArgumentParser(prog="python -m dev.tools.findings_page", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if outdated")
    checks_only = parser.parse_args(arguments).check
    wanted = page(tuple(RULES.values()))
    current = target.read_text(encoding="utf-8") if target.is_file() else None
    if current == wanted:
        return 0
    if checks_only:
        sys.stderr.write(
            f"{target.name} is not what the rules say. Run: python -m dev.tools.findings_page\n"
        )
        return 1
    target.write_text(wanted, encoding="utf-8")
    return 0


def _row(rule: Rule) -> str:
    answer = "no" if rule.acknowledged is None else "yes"
    return f"| [`{rule.code}`](#{rule.code}) | {rule.severity.value} | {answer} |\n"


def _section(rule: Rule) -> str:
    acknowledged = rule.acknowledged or "can't be: the upload is bound to fail."
    return f"""
### {rule.code}

**{rule.severity.value}** · {rule.why}

- Fix: {rule.fix}
- Source: {_closed(rule.source)}
- Acknowledged: {acknowledged}
"""


def _closed(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."


if __name__ == "__main__":
    sys.exit(main())

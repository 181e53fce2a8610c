"""
Generate docs/reference/findings.md from the rules.

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

The command `server-certificate`, the construct and the Lambda function check material with the same rules, and report all
findings at once. A finding has a code, a severity, a subject (`certificate`, `chain[1]` for the second element of the
chain as you passed it, `private-key`, `name`, `path`, …), a message, and a fix.

| severity | meaning | is the certificate uploaded? |
| --- | --- | --- |
"""

_MEANINGS = {
    Severity.ERROR: ("IAM refuses it, or IAM's documentation forbids it", "no"),
    Severity.FIXABLE: (
        "IAM would refuse the file as it is; converting it loses nothing",
        "yes, after conversion; `server-certificate check --strict` rejects it",
    ),
    Severity.WARNING: ("IAM accepts it, but some service or every browser will not", "yes"),
    Severity.INFO: ("good to know", "yes"),
}

_ACKNOWLEDGING = """
## Accept a finding

If you know about a finding and accept it, pass its code:

- to the command, once for each code: `server-certificate check --ignore CODE …`;
- to the construct: `ServerCertificate(…, acknowledge=["CODE"])`.

The finding is still reported, as information, but no longer stops anything. Each rule below says what happens then. If
the cause has to be fixed, the finding can't be accepted: passing its code is an error.

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
            "\n| code | severity | can be accepted |\n| --- | --- | --- |\n",
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
        sys.stderr.write(f"{target.name} is out of date. Run: python -m dev.tools.findings_page\n")
        return 1
    target.write_text(wanted, encoding="utf-8")
    return 0


def _row(rule: Rule) -> str:
    answer = "no" if rule.acknowledged is None else "yes"
    return f"| [`{rule.code}`](#{rule.code}) | {rule.severity.value} | {answer} |\n"


def _section(rule: Rule) -> str:
    acknowledged = rule.acknowledged or "not possible, because its cause has to be fixed."
    return f"""
### {rule.code}

**{rule.severity.value}** · {rule.why}

- Fix: {rule.fix}
- Source: {_closed(rule.source)}
- If accepted: {acknowledged}
"""


def _closed(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."


if __name__ == "__main__":
    sys.exit(main())

"""Run the script of an app as its user would, and print what cdk-nag says of it as the last line."""

from __future__ import annotations

import json
import runpy
import sys

from aws_cdk import App
from cdk_nag import AwsSolutionsChecks

from judged.synthesis import judge


def main(script: str) -> None:
    """Run a script that leaves its app in a global variable."""
    (app,) = (
        value
        for value in runpy.run_path(script, run_name="__main__").values()
        if isinstance(value, App)
    )
    findings = judge(app, AwsSolutionsChecks)
    sys.stdout.write(f"\n{json.dumps(sorted((each.construct, each.rule) for each in findings))}\n")


if __name__ == "__main__":
    main(sys.argv[1])

"""
Check an app with cdk-nag 2, which versions of the CDK before 2.257 use.

It runs in an environment with the lowest versions that the construct works on, and prints each rule
that found something, and whether a suppression answers it.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from aws_cdk import App, Aspects
from cdk_nag import AwsSolutionsChecks

from templates.apps import certify, stack_in


def main(output: str) -> None:
    """Synthesize into an empty folder with cdk-nag, and print its reports."""
    app = App(outdir=output, context={"aws:cdk:bundling-stacks": []})
    stack = stack_in(app, region="us-iso-east-1")
    certify(stack, server_certificate_name="www")
    # Rules are an aspect in version 2 alone.
    Aspects.of(app).add(AwsSolutionsChecks())
    app.synth()
    (report,) = Path(output).glob("AwsSolutions-*-NagReport.csv")
    with report.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["Compliance"] != "Compliant":
                sys.stdout.write(f"{row['Compliance']} {row['Rule ID']}\n")


if __name__ == "__main__":
    main(sys.argv[1])

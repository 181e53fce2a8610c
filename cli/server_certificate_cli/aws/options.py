"""The options that all commands for AWS have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_AWS = (
    click.option("--profile", metavar="NAME", help="AWS profile. Default: same as the AWS CLI."),
    click.option("--region", metavar="REGION", help="AWS Region. Default: same as the AWS CLI."),
)


def aws_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for AWS, and pass them to the function as ``profile`` and ``region``."""
    for option in reversed(_AWS):
        function = option(function)
    return function

"""The options that find what uses certificates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from server_certificate_cli.aws.notes import note
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from server_certificate_cli.aws.consumers import Consumers
    from server_certificate_cli.aws.session import Aws

_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d{1,2}")


def _regions(
    ctx: click.Context, parameter: click.Parameter, values: Sequence[str]
) -> tuple[str, ...]:
    for value in values:
        if _REGION.fullmatch(value) is None:
            raise click.BadParameter(
                f"{value!r} is not an AWS Region such as eu-central-1.", ctx, parameter
            )
    return tuple(values)


_OPTIONS = (
    click.option(
        "--consumers",
        "wants_consumers",
        is_flag=True,
        help="Find the load balancers and CloudFront distributions that use each certificate.",
    ),
    click.option(
        "--consumer-region",
        "consumer_regions",
        metavar="REGION",
        multiple=True,
        callback=_regions,
        help="With --consumers: Region of the load balancers. Can be repeated. Default: --region.",
    ),
)


def consumer_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, and pass them to the function as ``wants_consumers`` and ``consumer_regions``."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def wanted_consumers(
    aws: Aws, *, wanted: bool, regions: Sequence[str], profile: str | None
) -> Consumers | None:
    """Find what uses certificates, if the user wants it; None otherwise."""
    if not wanted:
        return None
    # Imported lazily: loads boto3.
    from server_certificate_cli.aws.consumers import find_consumers  # noqa: PLC0415

    found = find_consumers(aws, regions, profile=profile)
    for problem in found.problems:
        note(problem)
    return found


def check_consumer_options(*, wanted: bool, regions: Sequence[str]) -> None:
    """
    Check the combination of the options.

    Raises:
        click.UsageError: There are Regions without ``--consumers``.
    """
    if regions and not wanted:
        raise usage_error("--consumer-region has no effect without --consumers. Add --consumers.")

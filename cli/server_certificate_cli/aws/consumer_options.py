"""The options that find what uses certificates."""

from __future__ import annotations

import re
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
    """
    Add the options, and pass them to the function as ``consumer_regions: tuple[str, ...] | None``.

    None means that the user doesn't want to know what uses certificates.
    """

    @wraps(function)
    def collected(
        *, wants_consumers: bool, consumer_regions: tuple[str, ...], **others: object
    ) -> object:
        if consumer_regions and not wants_consumers:
            raise usage_error(
                "--consumer-region has no effect without --consumers. Add --consumers."
            )
        return function(consumer_regions=consumer_regions if wants_consumers else None, **others)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected

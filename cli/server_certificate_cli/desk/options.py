"""Options that several commands share: for material, and for what it is checked against."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from server_certificate.assessment import DEFAULT_EXPIRY_DAYS, Criteria
from server_certificate.rules.consumers import Consumer
from server_certificate_cli.desk.material import Material, Parts
from server_certificate_cli.desk.passphrases import PassphraseSource

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    from click.shell_completion import CompletionItem

_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", flags=re.ASCII
)
MOST_DAYS = 36_500
"""A hundred years: nobody who means it wants more."""

_EMPTY = "it is empty, as an unset variable makes it."


class _File(click.Path):
    """A file. Only its name is looked at here, and the shell completes it."""

    def convert(
        self,
        value: str | PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str | bytes | PathLike[str]:
        """Refuse an empty name: as a path, it would stand for the present folder."""
        if not value:
            self.fail(f"{_EMPTY} Name a file, or leave it out.", param, ctx)
        return super().convert(value, param, ctx)


FILE = _File(allow_dash=True)
"""What files are named by."""


def instant(ctx: click.Context, parameter: click.Parameter, value: str | None) -> datetime:
    """Return the instant that an option says; now when it was left out."""
    if value is None:
        return datetime.now(UTC)
    if _INSTANT.fullmatch(value):
        # Its form is right; its digits may still name no day, or one before the first year.
        with suppress(ValueError, OverflowError):
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
    raise click.BadParameter(
        f"{value!r} is not an instant of RFC 3339 with a time zone. Write it like"
        " 2030-06-15T12:00:00Z or 2030-06-15T14:00:00+02:00.",
        ctx,
        parameter,
    )


def _once(ctx: click.Context, parameter: click.Parameter, values: Sequence[str]) -> str | None:
    """Return the only value; click itself would take the last one, and drop the others."""
    if len(values) > 1:
        raise click.BadParameter("it is given more than once.", ctx, parameter)
    return values[0] if values else None


def _variable(ctx: click.Context, parameter: click.Parameter, values: Sequence[str]) -> str | None:
    value = _once(ctx, parameter, values)
    if value == "":
        raise click.BadParameter(f"{_EMPTY} Name a variable, or leave it out.", ctx, parameter)
    return value


def _codes(ctx: click.Context, parameter: click.Parameter, values: Sequence[str]) -> frozenset[str]:
    if not values:
        return frozenset()
    # Imported lazily: hardly any command ignores a finding.
    from server_certificate.rules.registry import refusal  # noqa: PLC0415

    for code in values:
        if problem := refusal(code):
            several = " Give one code for each --ignore." if "," in code else ""
            raise click.BadParameter(problem + several, ctx, parameter)
    return frozenset(values)


def _complete_codes(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    # Only the shell asks for it.
    from click.shell_completion import CompletionItem  # noqa: PLC0415

    from server_certificate.rules.registry import RULES  # noqa: PLC0415

    return [
        CompletionItem(code, help=rule.severity.value)
        for code, rule in RULES.items()
        if code.startswith(incomplete) and rule.acknowledged is not None
    ]


def _file(name: str, explanation: str) -> Callable[..., Any]:
    return click.option(
        name, type=FILE, metavar="F", multiple=True, callback=_once, help=explanation
    )


_MATERIAL = (
    _file("--certificate", "The certificate, or fullchain."),
    _file("--private-key", "Its private key."),
    click.option(
        "--chain",
        type=FILE,
        metavar="F",
        multiple=True,
        help="What certifies it. Can be repeated.",
    ),
    _file("--bundle", "Certificate and others in one: PKCS#12, PKCS#7, PEM or JSON."),
)
_PASSPHRASE = (
    _file("--passphrase-file", "File with the passphrase of an encrypted key or bundle."),
    click.option(
        "--passphrase-env",
        metavar="VAR",
        multiple=True,
        callback=_variable,
        help="Environment variable with the passphrase.",
    ),
)
_NAMING = (
    click.option("--name", metavar="N", help="Judge this ServerCertificateName, too."),
    click.option("--path", metavar="P", help="Judge this Path, too."),
)
_JUDGING = (
    click.option(
        "--for",
        "consumer",
        type=click.Choice([consumer.value for consumer in Consumer]),
        default=Consumer.IAM.value,
        help="What it is meant for. Default: nothing in particular, IAM's own rules count.",
    ),
    click.option(
        "--at",
        metavar="RFC3339",
        callback=instant,
        help="Judge validity at this instant. Default: now.",
    ),
    click.option(
        "--expiry-days",
        type=click.IntRange(0, MOST_DAYS),
        metavar="N",
        default=DEFAULT_EXPIRY_DAYS,
        show_default=True,
        help="Warn when it ends within so many days.",
    ),
    click.option(
        "--ignore",
        metavar="CODE",
        multiple=True,
        callback=_codes,
        shell_complete=_complete_codes,
        help="Take the weight from findings with this code. Can be repeated.",
    ),
)


def material_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for material; the function gets them as ``material: Material``."""

    @wraps(function)
    def collected(
        *,
        certificate: str | None,
        private_key: str | None,
        chain: tuple[str, ...],
        bundle: str | None,
        passphrase: PassphraseSource,
        **others: object,
    ) -> object:
        parts = Parts(certificate=certificate, chain=chain, private_key=private_key, bundle=bundle)
        return function(material=Material(parts=parts, passphrase=passphrase), **others)

    return _with(_MATERIAL, passphrase_options(collected))


def passphrase_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for a passphrase; the function gets ``passphrase: PassphraseSource``."""

    @wraps(function)
    def collected(
        *, passphrase_file: str | None, passphrase_env: str | None, **others: object
    ) -> object:
        passphrase = PassphraseSource(file=passphrase_file, variable=passphrase_env)
        return function(passphrase=passphrase, **others)

    return _with(_PASSPHRASE, collected)


def judging_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for judging; the function gets them as ``criteria: Criteria``."""

    @wraps(function)
    def collected(
        *,
        consumer: str,
        at: datetime,
        expiry_days: int,
        ignore: frozenset[str],
        name: str | None = None,
        path: str | None = None,
        **others: object,
    ) -> object:
        criteria = Criteria(
            at=at,
            consumer=Consumer(consumer),
            name=name,
            path=path,
            expiry_days=expiry_days,
            acknowledged=ignore,
        )
        return function(criteria=criteria, **others)

    return _with(_JUDGING, collected)


def naming_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--name`` and ``--path`` to a command with ``judging_options``; stands above those."""
    return _with(_NAMING, function)


def _with(
    options: Sequence[Callable[[Callable[..., Any]], Callable[..., Any]]],
    function: Callable[..., Any],
) -> Callable[..., Any]:
    for option in reversed(options):
        function = option(function)
    return function

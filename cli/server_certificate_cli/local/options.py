"""The options that several commands share: the material, and the criteria of the check."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from server_certificate.assessment import DEFAULT_EXPIRY_DAYS, Criteria
from server_certificate.rules.consumers import Consumer
from server_certificate_cli import clock
from server_certificate_cli.local.material import Material, Parts
from server_certificate_cli.local.passphrases import PassphraseSource

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    from click.shell_completion import CompletionItem

_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", flags=re.ASCII
)
MOST_DAYS = 36_500
"""A hundred years."""

_EMPTY = "the value is empty, possibly because of an unset variable."


class _File(click.Path):
    """The path of a file, which the shell can complete."""

    def convert(
        self,
        value: str | PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str | bytes | PathLike[str]:
        """Reject an empty path, which would mean the current folder."""
        if not value:
            self.fail(f"{_EMPTY} Provide a file, or omit it.", param, ctx)
        return super().convert(value, param, ctx)


FILE = _File(allow_dash=True)
"""The type of parameters that name files."""


def _instant(ctx: click.Context, parameter: click.Parameter, value: str | None) -> datetime:
    """Return the value of an option for a time. Default: now."""
    if value is None:
        return clock.now()
    if _INSTANT.fullmatch(value):
        # The format is right, but the date can still be invalid or out of range.
        with suppress(ValueError, OverflowError):
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
    raise click.BadParameter(
        f"{value!r} is not a time in RFC 3339 format with a time zone, such as"
        " 2030-06-15T12:00:00Z or 2030-06-15T14:00:00+02:00.",
        ctx,
        parameter,
    )


def at_option(explanation: str) -> Callable[..., Any]:
    """Return the option ``--at``, a ``datetime``; default: now."""
    return click.option("--at", metavar="RFC3339", callback=_instant, help=explanation)


def expiry_days_option(explanation: str) -> Callable[..., Any]:
    """Return the option ``--expiry-days``; default: that of the check."""
    return click.option(
        "--expiry-days",
        type=click.IntRange(0, MOST_DAYS),
        metavar="N",
        default=DEFAULT_EXPIRY_DAYS,
        show_default=True,
        help=explanation,
    )


def _once(ctx: click.Context, parameter: click.Parameter, values: Sequence[str]) -> str | None:
    """Return the only value. By default, click would silently use the last of several values."""
    if len(values) > 1:
        raise click.BadParameter("the option can only be used once.", ctx, parameter)
    return values[0] if values else None


def _variable(ctx: click.Context, parameter: click.Parameter, values: Sequence[str]) -> str | None:
    value = _once(ctx, parameter, values)
    if value == "":
        raise click.BadParameter(f"{_EMPTY} Provide a variable, or omit it.", ctx, parameter)
    return value


def _codes(ctx: click.Context, parameter: click.Parameter, values: Sequence[str]) -> frozenset[str]:
    if not values:
        return frozenset()
    # Imported lazily: few commands use --ignore.
    from server_certificate.rules.registry import refusal  # noqa: PLC0415

    for code in values:
        if problem := refusal(code):
            several = " Use --ignore once for each code." if "," in code else ""
            raise click.BadParameter(problem + several, ctx, parameter)
    return frozenset(values)


def _complete_codes(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    # Imported lazily: only shell completion needs it.
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
    _file("--certificate", "Certificate, optionally followed by its chain."),
    _file("--private-key", "Private key of the certificate."),
    click.option(
        "--chain",
        type=FILE,
        metavar="F",
        multiple=True,
        help="Chain: intermediate certificates. Can be repeated.",
    ),
    _file("--bundle", "Bundle with the certificate: PKCS#12, PKCS#7, PEM or JSON."),
)
_PASSPHRASE = (
    _file("--passphrase-file", "File with the passphrase of an encrypted private key or bundle."),
    click.option(
        "--passphrase-env",
        metavar="VAR",
        multiple=True,
        callback=_variable,
        help="Environment variable with the passphrase.",
    ),
)
_OUTPUT_PASSPHRASE = (
    _file("--output-passphrase-file", "File with the passphrase for a new PKCS#12 file."),
    click.option(
        "--output-passphrase-env",
        metavar="VAR",
        multiple=True,
        callback=_variable,
        help="Environment variable with the passphrase for a new PKCS#12 file.",
    ),
)
_NAMING = (
    click.option("--name", metavar="N", help="Also check this ServerCertificateName."),
    click.option("--path", metavar="P", help="Also check this IAM path."),
)
_CRITERIA = (
    click.option(
        "--for",
        "consumer",
        type=click.Choice([consumer.value for consumer in Consumer]),
        default=Consumer.IAM.value,
        help="Service that will use the certificate. Default: iam, which checks IAM's rules only.",
    ),
    at_option("Check the validity at this time. Default: now."),
    expiry_days_option("Warn if the certificate expires within N days."),
    click.option(
        "--ignore",
        metavar="CODE",
        multiple=True,
        callback=_codes,
        shell_complete=_complete_codes,
        help="Accept findings with this code. Can be repeated.",
    ),
)


def material_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for material, and pass them to the function as ``material: Material``."""

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
    """Add the passphrase options, and pass them as ``passphrase: PassphraseSource``."""

    @wraps(function)
    def collected(
        *, passphrase_file: str | None, passphrase_env: str | None, **others: object
    ) -> object:
        passphrase = PassphraseSource(file=passphrase_file, variable=passphrase_env)
        return function(passphrase=passphrase, **others)

    return _with(_PASSPHRASE, collected)


def output_passphrase_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for the passphrase of a new file, as ``new_passphrase: PassphraseSource``."""

    @wraps(function)
    def collected(
        *,
        output_passphrase_file: str | None,
        output_passphrase_env: str | None,
        **others: object,
    ) -> object:
        source = PassphraseSource(
            file=output_passphrase_file,
            variable=output_passphrase_env,
            option="--output-passphrase",
        )
        return function(new_passphrase=source, **others)

    return _with(_OUTPUT_PASSPHRASE, collected)


def criteria_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for the criteria, and pass them to the function as ``criteria: Criteria``."""

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

    return _with(_CRITERIA, collected)


def naming_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--name`` and ``--path``. Apply this decorator above ``criteria_options``."""
    return _with(_NAMING, function)


def _with(
    options: Sequence[Callable[[Callable[..., Any]], Callable[..., Any]]],
    function: Callable[..., Any],
) -> Callable[..., Any]:
    for option in reversed(options):
        function = option(function)
    return function

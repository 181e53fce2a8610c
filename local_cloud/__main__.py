"""The command ``python -m local_cloud``."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from local_cloud.environment import DEFAULT_ACCOUNT_ID, DEFAULT_REGION, export_lines
from local_cloud.knobs import KnobError, Knobs, knobs_from_json
from local_cloud.server import ServerSettings, serve
from local_cloud.workspace import StartError

if TYPE_CHECKING:
    from local_cloud.environment import Connection


def _account_id(_: click.Context, __: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"\d{12}", value, re.ASCII):
        raise click.BadParameter(f"{value!r} isn't an account id, which has 12 digits.")
    return value


def _knobs(_: click.Context, __: click.Parameter, value: str) -> Knobs:
    try:
        return knobs_from_json(json.loads(value))
    except KnobError as error:
        raise click.BadParameter(str(error)) from error
    except ValueError as error:
        raise click.BadParameter("it must be a JSON object, such as '{\"quota\": 1}'.") from error


@click.group()
def main() -> None:
    """An AWS on your machine: an emulator with IAM server certificates, on 127.0.0.1 only."""


@main.command("serve")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    help="The port on 127.0.0.1.  [default: a free one]",
)
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to keep the log and the CA bundle.  [default: a temporary directory, removed at the end]",
)
@click.option("--region", default=DEFAULT_REGION, show_default=True, help="The Region.")
@click.option(
    "--account",
    default=DEFAULT_ACCOUNT_ID,
    show_default=True,
    callback=_account_id,
    help="The account id.",
)
@click.option("--auth", is_flag=True, help="Enforce IAM policies.")
@click.option(
    "--knobs",
    default="{}",
    callback=_knobs,
    help="The knobs at the start and after a reset, as a JSON object.",
)
@click.option("--verbose", is_flag=True, help="Also print the log.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object instead of export lines."
)
@click.option("--parent", type=int, default=0, hidden=True)
def serve_command(
    *,
    port: int,
    directory: Path | None,
    region: str,
    account: str,
    auth: bool,
    knobs: Knobs,
    verbose: bool,
    as_json: bool,
    parent: int,
) -> None:
    """
    Serve until Ctrl-C, SIGTERM, or the end of the process that started it.

    Prints the lines that point another terminal at it. It leaves nothing behind.
    """
    base = dict(os.environ)

    def announce(connection: Connection) -> None:
        if as_json:
            _print_json(connection)
        else:
            _print_exports(base, connection)
        sys.stdout.flush()

    settings = ServerSettings(
        port=port,
        directory=directory,
        account_id=account,
        region=region,
        auth=auth,
        knobs=knobs,
        verbose=verbose,
        parent=parent,
    )
    try:
        serve(settings, announce)
    except StartError as error:
        raise click.ClickException(str(error)) from error


def _print_json(connection: Connection) -> None:
    click.echo(
        json.dumps(
            {
                "port": connection.port,
                "directory": str(connection.directory),
                "secret_access_key": connection.secret_access_key,
                "account_id": connection.account_id,
                "region": connection.region,
            }
        )
    )


def _print_exports(base: dict[str, str], connection: Connection) -> None:
    click.echo(
        f"The local cloud runs at {connection.endpoint_url}. Paste these lines into another terminal:\n"
    )
    for line in export_lines(base, connection):
        click.echo(line)
    click.echo(
        f"\nLog: {connection.log_file}\nTo stop it, press Ctrl-C, or run: kill {os.getpid()}"
    )


if __name__ == "__main__":
    main(prog_name="python -m local_cloud")

"""``server-certificate check``: check whether IAM will accept a certificate, and report all problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server_certificate_cli.errors import CommandError
from server_certificate_cli.local.checking import (
    CheckedTarget,
    check_target,
    verdicts_as_json,
    worst,
)
from server_certificate_cli.local.convert_command import convert_command
from server_certificate_cli.local.options import (
    FILE,
    criteria_options,
    material_options,
    naming_options,
)
from server_certificate_cli.local.targets import find_targets
from server_certificate_cli.output.report import write_document
from server_certificate_cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server_certificate.assessment import Criteria
    from server_certificate_cli.local.material import Material

_NAMED = 5
"""The maximum number of files and folders to name in a message."""

_NOT_VERIFIED = (
    "  Whether clients trust the issuer, and whether it revoked the certificate, wasn't checked."
)

_HELP = """
Check whether IAM will accept a certificate, and report all problems.

TARGET is a certificate, a bundle (PKCS#12, PKCS#7, PEM, JSON), a folder with the files of a certificate,
a folder with such folders, or a server. In a folder, files are found by the names that 'convert',
certbot, acme.sh, lego, Caddy, win-acme, mkcert, Kubernetes, openssl and certificate authorities use.
With several targets, the report has a row for each. Use '-' for standard input.

A server is HOST:PORT, or a host name if no file has this name. The command fetches the certificates that
the server sends in a TLS handshake, and sends nothing else.

Use --chain and --private-key for parts that a certificate or bundle lacks. If something is encrypted,
the command asks for the passphrase on a terminal.

\b
Examples:
  server-certificate check cert.pem --private-key key.pem --chain chain.pem
  server-certificate check www.p12 --passphrase-file passphrase.txt
  server-certificate check --for cloudfront --path /cloudfront/www/ /etc/letsencrypt/live/www
  server-certificate check --json /etc/letsencrypt/live
  server-certificate check www.example.com:443 --connect 192.0.2.1

\b
Exit codes: 0 accepted
            1 rejected; with --strict, also if fixable
            2 invalid usage, or a file can't be read
"""


@click.command(help=_HELP)
@material_options
@naming_options
@criteria_options
@click.option(
    "--connect",
    metavar="HOST[:PORT]",
    help="For a server: connect to this address instead, for example before a change of DNS.",
)
@click.option("--strict", is_flag=True, help="Also reject input that must be converted.")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@click.option("--verbose", "-v", is_flag=True, help="With several targets, show all findings.")
@click.argument("targets", type=FILE, nargs=-1, metavar="[TARGET]...")
def command(
    *,
    material: Material,
    criteria: Criteria,
    targets: tuple[str, ...],
    strict: bool,
    wants_json: bool,
    verbose: bool,
    connect: str | None,
) -> int:
    """Check all targets, and return the exit code."""
    found = find_targets(targets, material, takes_servers=True, connect=connect)
    passphrase = material.passphrase.read()
    checked = [check_target(target, criteria, passphrase) for target in found.targets]
    if wants_json:
        write_document(**verdicts_as_json(checked))
    elif not found.are_several and checked[0].assessment is None:
        raise CommandError(checked[0].problem)
    else:
        _draw(checked, material, criteria, strict=strict, verbose=verbose)
    if found.skipped:
        click.echo(_skipped(found.skipped), err=True)
    return worst(one.exit_code(strict=strict) for one in checked)


def _skipped(entries: Sequence[str]) -> str:
    named = ", ".join(f"'{printable(entry)}'" for entry in entries[:_NAMED])
    more = f" and {len(entries) - _NAMED:,} more" if len(entries) > _NAMED else ""
    return f"Skipped, because no file there has a known name: {named}{more}."


def _draw(
    checked: Sequence[CheckedTarget],
    material: Material,
    criteria: Criteria,
    *,
    strict: bool,
    verbose: bool,
) -> None:
    # Imported lazily: loads rich, which JSON doesn't need.
    from server_certificate_cli.local import summary  # noqa: PLC0415
    from server_certificate_cli.output import verdict  # noqa: PLC0415
    from server_certificate_cli.output.terminal import Terminal, plain  # noqa: PLC0415

    console = Terminal()
    if len(checked) > 1 and not verbose:
        summary.draw_table(console, checked, criteria, strict=strict)
        summary.draw_summary(console, checked, verbose=verbose)
        return
    for one in checked:
        if len(checked) > 1:
            console.write_line(
                (f"{console.symbol('━━', '==')} ", "bold"), plain(one.target.name, "bold")
            )
            console.write_line()
        if one.assessment is None:
            console.write_wrapped((console.symbol("✗ ", "x "), "bold red"), plain(one.problem))
        else:
            files = one.target.files
            convert = (
                convert_command(one.target, material.passphrase, criteria)
                if one.target.server is None
                else None
            )
            verdict.draw_assessment(console, one.assessment, criteria, files)
            verdict.draw_folder(console, one.target.note, one.unused)
            verdict.draw_verdict(console, one.assessment, strict=strict, convert=convert)
            if one.target.server is not None:
                console.write_wrapped(_NOT_VERIFIED)
        if len(checked) > 1:
            console.write_line()
    if len(checked) > 1:
        summary.draw_summary(console, checked, verbose=verbose)

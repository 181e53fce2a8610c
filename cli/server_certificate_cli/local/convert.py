"""``server-certificate convert``: write the parts in the format that IAM requires."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from server_certificate_cli.errors import OK, REJECTED, USAGE, CommandError
from server_certificate_cli.local import writing
from server_certificate_cli.local.checking import check_target, verdicts_as_json
from server_certificate_cli.local.converted import CERTIFICATE, CHAIN, KEY, Format, Output
from server_certificate_cli.local.options import (
    FILE,
    criteria_options,
    material_options,
    naming_options,
    output_passphrase_options,
)
from server_certificate_cli.local.targets import find_targets
from server_certificate_cli.output.report import write_document
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server_certificate.assessment import Assessment, Criteria
    from server_certificate_cli.local.checking import CheckedTarget
    from server_certificate_cli.local.material import Material
    from server_certificate_cli.local.passphrases import PassphraseSource
    from server_certificate_cli.output.terminal import Terminal

_HELP = f"""
Write the certificate, chain and private key in the format that IAM requires, or in one file.

\b
Files: certificate.pem
       {CHAIN}  (if there is a chain)
       private-key.pem        (if there is a private key)

--format pkcs12 writes one file that is encrypted with a passphrase, and --format json what 'store' writes
to a secret. Only you can read files with a private key.

If there is a problem that conversion can't fix, nothing is written. TARGET is a certificate, a bundle or
a folder, as for 'check'.

\b
Examples:
  server-certificate convert www.p12 --passphrase-file passphrase.txt --output www
  server-certificate convert fullchain.pem --private-key key.der --output www
  server-certificate convert /etc/letsencrypt/live/www --format pkcs12 --output www.p12

\b
Exit codes: 0 written
            1 rejected; nothing was written
            2 invalid usage, or a file can't be used
"""


@click.command(help=_HELP)
@material_options
@click.option(
    "--output",
    required=True,
    type=click.Path(),
    metavar="PATH",
    help="Folder to write to, which is created if it doesn't exist. With --format pkcs12 or json: the"
    " file to write.",
)
@click.option(
    "--format",
    "wanted",
    type=click.Choice([each.value for each in Format]),
    default=Format.PEM.value,
    show_default=True,
    help="Format to write.",
)
@output_passphrase_options
@click.option("--force", is_flag=True, help="Replace existing files.")
@naming_options
@criteria_options
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@click.argument("targets", type=FILE, nargs=-1, metavar="[TARGET]")
def command(
    *,
    material: Material,
    criteria: Criteria,
    targets: tuple[str, ...],
    output: str,
    wanted: str,
    new_passphrase: PassphraseSource,
    force: bool,
    wants_json: bool,
) -> int:
    """Convert the target, and return the exit code."""
    into = Output(format=Format(wanted), path=output, passphrase=new_passphrase)
    named = [path for _, path in material.parts.named]
    into.check([*targets, *named, material.passphrase.file])
    found = find_targets(targets, material)
    if found.are_several:
        names = ", ".join(f"'{target.name}'" for target in found.targets)
        raise usage_error(f"Convert one certificate at a time. Found several: {names}.")
    checked = check_target(found.targets[0], criteria, material.passphrase.read())
    if checked.assessment is None:
        if not wants_json:
            raise CommandError(checked.problem)
        write_document(**verdicts_as_json([checked]), written=[], removed=[])
        return USAGE
    assessment = checked.assessment
    written: list[Path] = []
    removed: list[Path] = []
    if assessment.accepted:
        written, removed = _write(assessment, into, checked.target.parts.files, force=force)
    if wants_json:
        changes = {"written": [str(path) for path in written], "removed": [*map(str, removed)]}
        write_document(**verdicts_as_json([checked]), **changes)
    else:
        _draw(checked, assessment, criteria, written, removed)
    return OK if written else REJECTED


def _write(
    assessment: Assessment, output: Output, files: Mapping[str, str], *, force: bool
) -> tuple[list[Path], list[Path]]:
    """Write the files, and return the paths of written and of removed files."""
    folder = output.folder
    if output.single is not None:
        # Before a passphrase is asked for.
        _refuse_existing(writing.existing(folder, [output.single]), files, force=force)
    files_to_write = output.files(assessment)
    if not files_to_write:
        return [], []
    names = [file.name for file in files_to_write]
    # The chain of another certificate must not stay next to this leaf.
    without = [CHAIN] if output.single is None and CHAIN not in names else []
    taken = writing.existing(folder, [*names, *without])
    _refuse_existing(taken, files, force=force)
    try:
        writing.write(folder, files_to_write, without=without, force=force)
    except OSError as err:
        raise CommandError(
            f"Can't write to '{folder}': {err.strerror or type(err).__name__}. Nothing was changed."
        ) from err
    return [folder / name for name in names], [path for path in taken if path.name in without]


def _refuse_existing(taken: Sequence[Path], files: Mapping[str, str], *, force: bool) -> None:
    if taken and not force:
        raise CommandError(_already_exist(taken, files))


def _already_exist(taken: Sequence[Path], files: Mapping[str, str]) -> str:
    read = {Path(file).absolute(): subject for subject, file in files.items()}
    places = [
        f"'{path}'"
        + (f" (the input of --{read[path.absolute()]})" if path.absolute() in read else "")
        for path in taken
    ]
    verb = "already exists" if len(places) == 1 else "already exist"
    return (
        f"{', '.join(places)} {verb}. Nothing was written. Use another --output, or replace existing"
        " files with --force."
    )


def _draw(
    checked: CheckedTarget,
    assessment: Assessment,
    criteria: Criteria,
    written: Sequence[Path],
    removed: Sequence[Path],
) -> None:
    # Imported lazily: loads rich, which JSON doesn't need.
    from server_certificate_cli.output import verdict  # noqa: PLC0415
    from server_certificate_cli.output.terminal import Terminal  # noqa: PLC0415

    console = Terminal()
    verdict.draw_assessment(console, assessment, criteria, checked.target.parts.files)
    verdict.draw_folder(console, checked.target.note, checked.unused)
    if written:
        verdict.draw_conversion(console, assessment)
        _draw_files(console, written, removed)
    else:
        verdict.draw_verdict(console, assessment, strict=False, convert=())
        console.write_line("  Nothing was written.")


def _draw_files(console: Terminal, written: Sequence[Path], removed: Sequence[Path]) -> None:
    # Imported lazily: loads rich, which JSON doesn't need.
    from server_certificate_cli.output.terminal import plain  # noqa: PLC0415

    for path in written:
        secret = "  (only you can read it)" if path.name not in {CERTIFICATE, CHAIN} else ""
        console.write_line("  written ", plain(str(path), "bold"), secret)
    for path in removed:
        console.write_line(
            "  removed ", plain(str(path), "bold"), "  (chain of another certificate)"
        )
    left = written[0].parent / KEY
    is_pem = written[0].name == CERTIFICATE
    if is_pem and left not in written and writing.existing(left.parent, [left.name]):
        console.write_line(
            "  kept    ", plain(str(left), "bold"), "  (no private key provided; may not match)"
        )

"""``server-certificate convert``: write the parts in the format that IAM requires."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from server_certificate_cli.errors import OK, REJECTED, USAGE, CommandError
from server_certificate_cli.local import writing
from server_certificate_cli.local.checking import check_target, verdicts_as_json
from server_certificate_cli.local.layouts import CONVERTED
from server_certificate_cli.local.options import (
    FILE,
    criteria_options,
    material_options,
    naming_options,
)
from server_certificate_cli.local.targets import find_targets
from server_certificate_cli.output.report import write_document
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server_certificate.assessment import Assessment, Criteria
    from server_certificate_cli.local.checking import CheckedTarget
    from server_certificate_cli.local.material import Material
    from server_certificate_cli.output.terminal import Terminal

_CERTIFICATE, _CHAIN, _KEY = CONVERTED.certificate, CONVERTED.chain[0], CONVERTED.private_key[0]

_HELP = f"""
Write the certificate, chain and private key in the format that IAM requires.

\b
Files: certificate.pem
       {_CHAIN}  (if there is a chain)
       private-key.pem        (if there is a key; only you can read it)

If there is a problem that conversion can't fix, nothing is written. TARGET is a bundle or a folder, as
for 'check'.

\b
Examples:
  server-certificate convert --bundle www.p12 --passphrase-file passphrase.txt --output www
  server-certificate convert --certificate fullchain.pem --private-key key.der --output www
  server-certificate convert --output www /etc/letsencrypt/live/www

\b
Exit codes: 0 written
            1 rejected; nothing was written
            2 invalid usage, a file can't be read or written, or a file already exists
"""


@click.command(help=_HELP)
@material_options
@click.option(
    "--output",
    required=True,
    type=click.Path(),
    metavar="DIR",
    help="Folder to write to. It is created if it doesn't exist.",
)
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
    force: bool,
    wants_json: bool,
) -> int:
    """Convert the target, and return the exit code."""
    if not output:
        raise usage_error("--output is empty. Provide a folder, or '.' for the current folder.")
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
    files_to_write = _files_to_write(assessment) if assessment.accepted else ()
    written: list[Path] = []
    removed: list[Path] = []
    if files_to_write:
        written, removed = _write(
            files_to_write, Path(output), checked.target.parts.files, force=force
        )
    if wants_json:
        changes = {"written": [str(path) for path in written], "removed": [*map(str, removed)]}
        write_document(**verdicts_as_json([checked]), **changes)
    else:
        _draw(checked, assessment, criteria, written, removed)
    return OK if written else REJECTED


def _write(
    files_to_write: Sequence[writing.NewFile],
    folder: Path,
    files: Mapping[str, str],
    *,
    force: bool,
) -> tuple[list[Path], list[Path]]:
    """Write the files, and return the paths of written and of removed files."""
    names = [file.name for file in files_to_write]
    # The chain of another certificate must not stay next to this leaf.
    without = [_CHAIN] if _CHAIN not in names else []
    taken = writing.existing(folder, [*names, *without])
    if taken and not force:
        raise CommandError(_already_exist(taken, files))
    try:
        writing.write(folder, files_to_write, without=without, force=force)
    except OSError as err:
        raise CommandError(
            f"Can't write to '{folder}': {err.strerror or type(err).__name__}. Nothing was changed."
        ) from err
    return [folder / name for name in names], [path for path in taken if path.name in without]


def _files_to_write(assessment: Assessment) -> Sequence[writing.NewFile]:
    public, key = assessment.public, assessment.private_key
    if public is None:
        return ()
    files_to_write = [writing.NewFile(name=_CERTIFICATE, content=public.certificate_pem)]
    if public.chain_pem is not None:
        files_to_write.append(writing.NewFile(name=_CHAIN, content=public.chain_pem))
    if key is not None:
        files_to_write.append(writing.NewFile(name=_KEY, content=key.pem, mode=writing.SECRET))
    return files_to_write


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
        secret = "  (only you can read it)" if path.name == _KEY else ""
        console.write_line("  written ", plain(str(path), "bold"), secret)
    for path in removed:
        console.write_line(
            "  removed ", plain(str(path), "bold"), "  (chain of another certificate)"
        )
    left = written[0].parent / _KEY
    if left not in written and writing.existing(left.parent, [left.name]):
        console.write_line(
            "  kept    ", plain(str(left), "bold"), "  (no private key provided; may not match)"
        )

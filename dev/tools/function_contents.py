"""
List what the Lambda function's code consists of, by size.

    python -m dev.tools.function_contents            prints the table
    python -m dev.tools.function_contents --write    writes it into docs/internals/function.md, too

The exit code is 1 if the code exceeds the limit.
"""

from __future__ import annotations

import argparse
import fnmatch
import io
import sys
import zipfile
from typing import TYPE_CHECKING, NamedTuple

from cdk_iam_server_certificate.provider.function_files import function_files
from dev import ROOT
from dev.tools.lambda_dependencies import ARCHITECTURES, RUNTIMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

PAGE = ROOT / "docs/internals/function.md"
BEGIN = "<!-- Written by `python -m dev.tools.function_contents --write`, from here -->\n"
END = "<!-- to here. -->\n"

NEWEST = f"python{RUNTIMES[-1]}"
LIMIT = 6_100_000
"""The maximum size of the zipped code for one architecture, in bytes."""

GROUPS = {
    "*.pyc": "bytecode of all Python below",
    "*.dist-info/*": "licenses and metadata",
    "cryptography/*.so": "cryptography's library, with OpenSSL",
    "cryptography/*": "cryptography's Python",
    "_cffi_backend.*": "cffi's library",
    "crhelper/*": "crhelper",
    "server_certificate*": "our own packages",
}
"""The group of a file, by its name; the first pattern that matches decides."""


class Share(NamedTuple):
    """
    The size of a group of files.

    Attributes:
        files: The number of files.
        octets: Their size, in bytes.
        zipped: Their size in an archive, with their names.
    """

    files: int
    octets: int
    zipped: int


def main(arguments: Sequence[str] | None = None, *, target: Path = PAGE) -> int:
    """
    Print the table, and write it into the page with `--write`.

    Args:
        arguments: The command-line arguments. Default: those of the process.
        target: The page; the text around the table is kept.

    Returns:
        The exit code: 1 if the code is too large for an architecture.
    """
    parser = argparse.ArgumentParser(prog="python -m dev.tools.function_contents")
    parser.add_argument(
        "--write", action="store_true", help=f"into docs/internals/{PAGE.name}, too"
    )
    writes = parser.parse_args(arguments).write
    found = {each: shares(function_files(each, NEWEST)) for each in ARCHITECTURES}
    text = table(found)
    sys.stdout.write(text)
    if writes:
        page = target.read_text(encoding="utf-8")
        target.write_text(with_table(page, text), encoding="utf-8")
    return max(total(each.values()).zipped for each in found.values()) > LIMIT


def shares(files: Mapping[str, bytes]) -> dict[str, Share]:
    """Return the size of each group, the largest first."""
    found: dict[str, Share] = {}
    for name, zipped in sizes(archived(files)).items():
        share = Share(1, len(files[name]), zipped)
        found[group(name)] = total([found.get(group(name), Share(0, 0, 0)), share])
    return dict(sorted(found.items(), key=lambda each: -each[1].zipped))


def group(name: str) -> str:
    """Return the group of a file."""
    return next(what for pattern, what in GROUPS.items() if fnmatch.fnmatchcase(name, pattern))


def total(parts: Iterable[Share]) -> Share:
    """Add up shares."""
    return Share(*map(sum, zip(*parts, strict=True)))


def archived(files: Mapping[str, bytes]) -> bytes:
    """Zip files at the highest level; the result depends only on the files and zlib's version."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def sizes(archive: bytes) -> dict[str, int]:
    """Return the size of each file in an archive, with its header and its entry in the directory."""
    fields = 30 + 46  # of an entry and of its place in the directory: APPNOTE.TXT 4.3.7 and 4.3.12
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return {
            each.filename: each.compress_size + fields + 2 * len(each.filename)
            for each in file.infolist()
        }


def table(found: Mapping[str, Mapping[str, Share]]) -> str:
    """Return a table of the shares for each architecture, in Markdown."""
    columns = [{**each, "**all**": total(each.values())} for each in found.values()]
    lines = [
        ["", "files", *(f"{name}{zipped}" for name in found for zipped in (", kB", ", zipped"))],
        ["---", "---:", *("---:" for _ in found for _ in range(2))],
    ]
    for what, share in columns[0].items():
        octets = (size for column in columns for size in column[what][1:])
        lines.append([what, str(share.files), *(f"{size / 1000:,.0f}" for size in octets)])
    lines.append(["at most", "", *(each for _ in found for each in ("", f"{LIMIT / 1000:,.0f}"))])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def with_table(page: str, text: str) -> str:
    """Return the page with a new table between its markers."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{text}\n{END}{after}"


if __name__ == "__main__":
    sys.exit(main())

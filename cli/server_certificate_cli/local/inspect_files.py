"""``server-certificate inspect``: show the format and the content of files, without a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from server_certificate.certificates.signatures import Signatures
from server_certificate.description import describe
from server_certificate.findings import condensed
from server_certificate.inputs import Input
from server_certificate.reading.documents.json_bundle import read_json_bundle
from server_certificate.reading.files import FileUnreadableError
from server_certificate.reading.passphrases import explain_wrong_passphrase
from server_certificate.reading.reader import Contents, read
from server_certificate_cli.errors import OK, REJECTED, USAGE, CommandError
from server_certificate_cli.local.asking import with_passphrase
from server_certificate_cli.local.checking import worst
from server_certificate_cli.local.option_hints import with_options
from server_certificate_cli.local.options import FILE, passphrase_options
from server_certificate_cli.local.reading_files import STANDARD_INPUT, is_stream, read_bytes
from server_certificate_cli.output.report import findings_as_json, key_as_json, write_document
from server_certificate_cli.output.usages import usages_of
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.findings import Finding
    from server_certificate.material import PrivateKey
    from server_certificate.reading.passphrases import Passphrase
    from server_certificate_cli.local.passphrases import PassphraseSource

_HELP = """
Show the format and the content of files: certificates and their usages, the type and size of private
keys and which certificate they belong to, and anything else. To find out whether IAM will accept them,
use 'check'.

\b
Examples:
  server-certificate inspect www.p12 --passphrase-file passphrase.txt
  server-certificate inspect www.pem www.key
  server-certificate inspect --json *.pem

\b
Exit codes: 0 certificates or keys are in every file
            1 a file has neither
            2 invalid usage, or a file can't be read
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """A file and its contents."""

    file: str
    contents: Contents | None
    """None if the file can't be read."""

    problem: str = ""
    """Why the file can't be read, as a sentence."""

    @property
    def exit_code(self) -> int:
        """The exit code if this is the only file."""
        if self.contents is None:
            return USAGE
        return OK if self.contents.certificates or self.contents.private_keys else REJECTED


@click.command(help=_HELP)
@passphrase_options
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@click.argument("files", type=FILE, nargs=-1, required=True, metavar="FILE...")
def command(*, files: tuple[str, ...], passphrase: PassphraseSource, wants_json: bool) -> int:
    """Inspect all files, and return the exit code."""
    if (*files, passphrase.file).count(STANDARD_INPUT) > 1:
        raise usage_error("Standard input ('-') can only be used once.")
    secret = passphrase.read()
    inspected = [_inspect(file, secret) for file in files]
    signatures = Signatures()
    if wants_json:
        write_document(targets=[_as_json(one, signatures, inspected) for one in inspected])
    elif len(inspected) == 1 and inspected[0].contents is None:
        raise CommandError(inspected[0].problem)
    else:
        # Imported lazily: loads rich, which JSON doesn't need.
        from server_certificate_cli.output.contents_lines import draw_contents  # noqa: PLC0415
        from server_certificate_cli.output.terminal import Terminal  # noqa: PLC0415

        console = Terminal()
        for number, one in enumerate(inspected):
            if number:
                console.write_line()
            draw_contents(
                console,
                one.file,
                one.contents,
                one.problem,
                signatures,
                owners=_owners(inspected),
            )
    return worst(one.exit_code for one in inspected)


def _inspect(file: str, secret: Passphrase | None) -> Inspected:
    try:
        given = Input(read_bytes(file), None if is_stream(file) else file)
    except FileUnreadableError as err:
        return Inspected(file=file, contents=None, problem=str(err))
    contents = with_passphrase(
        lambda passphrase: _contents(given, passphrase),
        lambda result: result.findings,
        secret,
        dict.fromkeys(("file", "certificate", "chain", "private-key"), file),
    )
    return Inspected(file=file, contents=contents)


def _contents(given: Input, secret: Passphrase | None) -> Contents:
    passphrase = secret.text if secret else None
    bundle = read_json_bundle(given)
    if bundle is None:
        contents = read(given, subject="file", passphrase=passphrase)
        return _explained(contents, secret)
    fields = {
        "file": bundle.bundle,
        "certificate": bundle.certificate,
        "chain": bundle.chain,
        "private-key": bundle.private_key,
    }
    parts = [
        read(part, subject=subject, passphrase=passphrase)
        for subject, part in fields.items()
        if part is not None
    ]
    contents = _merged(parts, bundle.findings("file"), f"a bundle in {bundle.kind}")
    return _explained(contents, secret)


def _explained(contents: Contents, passphrase: Passphrase | None) -> Contents:
    """Add hints about a wrong passphrase, and the names of its options."""
    notes = passphrase.notes if passphrase else ()
    findings = map(with_options, explain_wrong_passphrase(contents.findings, notes))
    return contents._replace(findings=condensed(findings))


def _merged(parts: Sequence[Contents], findings: tuple[Finding, ...], kind: str) -> Contents:
    return Contents(
        kind=kind,
        certificates=tuple(element for part in parts for element in part.certificates),
        private_keys=tuple(key for part in parts for key in part.private_keys),
        others=tuple(other for part in parts for other in part.others),
        findings=(*findings, *(finding for part in parts for finding in part.findings)),
    )


def _certificates_of(
    key: PrivateKey, inspected: Sequence[Inspected]
) -> Iterator[tuple[str, LocatedCertificate]]:
    """Return the certificates of a private key in all files, each with its file."""
    for one in inspected:
        for element in one.contents.certificates if one.contents else ():
            if key.belongs_to(element.certificate):
                yield one.file, element


def _owners(inspected: Sequence[Inspected]) -> Callable[[PrivateKey], Sequence[str]] | None:
    """Return what names the certificates of a private key; None if there is no certificate."""
    if not any(one.contents and one.contents.certificates for one in inspected):
        return None
    return lambda key: [_named(*each) for each in _certificates_of(key, inspected)]


def _named(file: str, element: LocatedCertificate) -> str:
    # Imported lazily: loads rich, which JSON doesn't need.
    from server_certificate_cli.output.chain_tree import title  # noqa: PLC0415

    return f"{title(element.certificate) or '(no name)'} ({file})"


def _as_json(
    inspected: Inspected, signatures: Signatures, every: Sequence[Inspected]
) -> dict[str, object]:
    contents = inspected.contents
    if contents is None:
        return {
            "target": inspected.file,
            "kind": None,
            "certificates": [],
            "private_keys": [],
            "others": [],
            "findings": [],
            "unreadable": inspected.problem,
        }
    return {
        "target": inspected.file,
        "kind": contents.kind,
        "certificates": [
            {
                "place": element.subject,
                **describe(element.certificate, signatures).as_json(),
                **usages_of(element.certificate).as_json(),
            }
            for element in contents.certificates
        ],
        "private_keys": [
            {
                **key_as_json(key),
                "belongs_to": [
                    {"target": file, "place": element.subject}
                    for file, element in _certificates_of(key, every)
                ],
            }
            for key in contents.private_keys
        ],
        "others": list(contents.others),
        "findings": findings_as_json(contents.findings),
        "unreadable": None,
    }

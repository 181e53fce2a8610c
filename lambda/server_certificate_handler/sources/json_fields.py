"""Read one field of a JSON secret or parameter, and explain what is wrong with the others."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

from server_certificate_handler.errors import SourceUnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server_certificate.contract.sources import Parameter, Secret

_FIELD_OF_PART = {
    "certificate": "certificate",
    "chain": "certificateChain",
    "private-key": "privateKey",
}
"""The fields that ``server-certificate store`` writes, by the part that each contains."""

_WELL_KNOWN = {
    *("ca", "cacrt", "cert", "certificate", "certificatechain", "chain", "crt", "fullchain"),
    *("key", "passphrase", "password", "pem", "pfx", "pkcs12", "privatekey", "tlscrt", "tlskey"),
}
"""Names that say nothing confidential, in lower case without punctuation."""


def field_of(value: str | bytes, source: Secret | Parameter, name: str) -> str:
    """
    Return a field of a JSON object.

    Raises:
        SourceUnreadableError: The value isn't a JSON object, or has no such string.
    """
    content = _object(value)
    if content is None:
        raise SourceUnreadableError(
            f"The {_name_of(source)} is not a JSON object, so it has no field '{name}'. Store a JSON object,"
            " or omit json_field to use the whole value."
        )
    field = content.get(name)
    if isinstance(field, str):
        return field
    if name in content:
        raise SourceUnreadableError(
            f"The field '{name}' of the {_name_of(source)} is not a string. Store the content of the"
            " field as a string."
        )
    raise SourceUnreadableError(
        f"The {_name_of(source)} has no field '{name}'. {_fields(content, name)}"
    )


def check_whole(value: str | bytes, source: Secret | Parameter, subject: str) -> None:
    """
    Check that a whole value isn't a bundle in JSON, if only one part is required.

    Raises:
        SourceUnreadableError: It contains the certificate and the private key as fields.
    """
    content = _object(value)
    if content is None or not {"certificate", "privateKey"} <= {*content}:
        return
    raise SourceUnreadableError(
        f"The {_name_of(source)} contains the certificate and the private key as fields of a JSON"
        f' object, but it is declared as the {subject}. Add json_field="{_FIELD_OF_PART[subject]}",'
        " or use it for everything with CertificateMaterial.from_bundle(BundleSource.from_secret(…))."
    )


def _fields(content: Mapping[str, object], name: str) -> str:
    """Describe the fields. Names can be as confidential as values, and many people can read a stack's events."""
    alike = difflib.get_close_matches(name, content, n=1)
    if alike:
        return f"Did you mean '{alike[0]}'?"
    known = [f"'{each}'" for each in content if _bare(each) in _WELL_KNOWN]
    others = len(content) - len(known)
    if not content:
        return "The object is empty."
    if not known:
        return f"Number of other fields, whose names are not shown: {others}."
    more = f", and {others} more, whose names are not shown" if others else ""
    return f"It has {', '.join(known)}{more}."


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _object(value: str | bytes) -> dict[str, object] | None:
    try:
        # A secret created from a Windows file may begin with a byte order mark.
        content = json.loads(value.removeprefix("\ufeff") if isinstance(value, str) else value)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _name_of(source: Secret | Parameter) -> str:
    return source.description.partition(" of ")[2] or source.description

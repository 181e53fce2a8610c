"""Bundles in JSON: the three parts as fields of one object, as ``server-certificate store`` writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.inputs import Input
from server_certificate.reading.rules import BUNDLE, BUNDLE_FIELD, WRONG_KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate.findings import Finding

CERTIFICATE_FIELD = "certificate"
PRIVATE_KEY_FIELD = "privateKey"
CHAIN_FIELD = "certificateChain"
"""Left out when there is no chain."""


_FIELDS = (CERTIFICATE_FIELD, PRIVATE_KEY_FIELD, CHAIN_FIELD)
_ARMOUR = "-----BEGIN "
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LONGEST_FIELD = 40
_TYPES: dict[type, str] = {
    list: "a list, not a text",
    dict: "an object, not a text",
    type(None): "null, not a text",
    bool: "true or false, not a text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonBundle:
    """The parts that a JSON bundle names."""

    certificate: Input
    chain: Input | None
    private_key: Input | None

    problems: tuple[str, ...] = ()
    """What makes it unusable, as sentences."""

    strangers: tuple[tuple[str, str | None], ...] = ()
    """Fields that are not read and may have been meant to be, each with the one that it is like."""

    def findings(self, subject: str) -> tuple[Finding, ...]:
        """Return what is to be said about the bundle itself."""
        fix = "Give the parts in PEM, as texts."
        problems = [WRONG_KIND.finding(subject, problem, fix) for problem in self.problems]
        strangers = [
            BUNDLE_FIELD.finding(
                subject,
                f"its field {field!r} is none that is read; those are {', '.join(_FIELDS)}.",
                f"Did you mean {alike!r}?" if alike else None,
            )
            for field, alike in self.strangers
        ]
        message = "it holds the parts as fields of JSON; IAM takes them apart."
        return (*problems, *strangers, BUNDLE.finding(subject, message))


def read_json_bundle(given: Input) -> JsonBundle | None:
    """
    Read a JSON bundle.

    The chain may also be a list of texts, as Vault writes it. Fields that hold no PEM and are
    called otherwise may stand beside the parts.

    Returns:
        Its parts; None when the input is no JSON object with a certificate.
    """
    content = _object(given.content)
    if content is None or CERTIFICATE_FIELD not in content:
        return None
    problems = [
        f"its field {field!r} stands there {len(values)} times."
        for field, values in content.items()
        if len(values) > 1
    ]
    parts: dict[str, Input] = {}
    for field in _FIELDS:
        value = content.get(field, [None])[-1]
        if field == CHAIN_FIELD and isinstance(value, list):
            lines = [item for item in value if isinstance(item, str)]
            value = "\n".join(lines) if len(lines) == len(value) else value
        if isinstance(value, str):
            if value.strip() or field == CERTIFICATE_FIELD:
                parts[field] = Input(value.encode("utf-8", errors="replace"), given.file)
        elif value is not None or field == CERTIFICATE_FIELD:
            problems.append(f"its field {field!r} is {_TYPES.get(type(value), 'no text')}.")
    return JsonBundle(
        certificate=parts.get(CERTIFICATE_FIELD, Input(b"")),
        chain=parts.get(CHAIN_FIELD),
        private_key=parts.get(PRIVATE_KEY_FIELD),
        problems=tuple(problems),
        strangers=tuple(_strangers(content)),
    )


def _strangers(content: dict[str, list[object]]) -> Iterator[tuple[str, str | None]]:
    for field, values in content.items():
        if field in _FIELDS:
            continue
        plain = field.replace("_", "").replace("-", "").lower()
        alike = {known.lower(): known for known in _FIELDS}.get(plain)
        if alike or any(_ARMOUR in str(value) for value in values):
            yield field[:_LONGEST_FIELD], alike


def _object(content: bytes) -> dict[str, list[object]] | None:
    """Read a JSON object, with all values of a field that stands there more than once."""
    if not content.removeprefix(_BYTE_ORDER_MARK).lstrip().startswith(b"{"):
        return None

    import json  # noqa: PLC0415 (few inputs are JSON)

    def collect(pairs: list[tuple[str, object]]) -> dict[str, list[object]]:
        fields: dict[str, list[object]] = {}
        for field, value in pairs:
            fields.setdefault(field, []).append(value)
        return fields

    try:
        text = content.decode("utf-8-sig")
        read = json.loads(text, object_pairs_hook=collect)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def write_json_bundle(*, certificate: str, chain: str | None, private_key: str) -> str:
    """Write the three parts, in PEM, as one JSON object."""
    import json  # noqa: PLC0415 (as above)

    parts = {CERTIFICATE_FIELD: certificate, PRIVATE_KEY_FIELD: private_key}
    if chain is not None:
        parts[CHAIN_FIELD] = chain
    return json.dumps(parts)

"""Bundles in JSON: the three parts as fields of one object, as ``server-certificate store`` writes them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from server_certificate.inputs import Input

CERTIFICATE_FIELD = "certificate"
PRIVATE_KEY_FIELD = "privateKey"
CHAIN_FIELD = "certificateChain"
"""Left out when there is no chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonBundle:
    """The parts that a JSON bundle names."""

    certificate: Input
    chain: Input | None
    private_key: Input | None


def read_json_bundle(given: Input) -> JsonBundle | None:
    """
    Read a JSON bundle.

    Returns:
        Its parts; None when the input is no JSON object with a certificate as text.
    """
    if not given.content.lstrip().startswith(b"{"):
        return None
    try:
        content = json.loads(given.content)
    except (ValueError, RecursionError):
        return None
    parts = {
        field: Input(content[field].encode("utf-8", errors="replace"), given.file)
        for field in (CERTIFICATE_FIELD, CHAIN_FIELD, PRIVATE_KEY_FIELD)
        if isinstance(content.get(field), str) and content[field].strip()
    }
    if CERTIFICATE_FIELD not in parts:
        return None
    return JsonBundle(
        certificate=parts[CERTIFICATE_FIELD],
        chain=parts.get(CHAIN_FIELD),
        private_key=parts.get(PRIVATE_KEY_FIELD),
    )


def write_json_bundle(*, certificate: str, chain: str | None, private_key: str) -> str:
    """Write the three parts, in PEM, as one JSON object."""
    parts = {CERTIFICATE_FIELD: certificate, PRIVATE_KEY_FIELD: private_key}
    if chain is not None:
        parts[CHAIN_FIELD] = chain
    return json.dumps(parts)

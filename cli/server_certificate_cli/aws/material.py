"""Certificate, private key and chain as one secret: JSON with a field for each."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate.reading.documents.json_bundle import (
    CERTIFICATE_FIELD,
    CHAIN_FIELD,
    PRIVATE_KEY_FIELD,
    write_json_bundle,
)
from server_certificate_cli.errors import RefusedError

if TYPE_CHECKING:
    from server_certificate.material import PrivateKey, PublicMaterial

_NAMES = (CERTIFICATE_FIELD, PRIVATE_KEY_FIELD, CHAIN_FIELD)

MAX_BYTES = 65_536
"""What a secret holds (Secrets Manager quotas)."""


class UnexpectedContentError(Exception):
    """A secret holds something else; the message says what kind of thing, and none of its content."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of such a secret. Their representation shows nothing."""

    by_name: dict[str, str] = field(repr=False)

    @classmethod
    def of(cls, public: PublicMaterial, private_key: PrivateKey) -> Fields:
        """Write material in IAM's form."""
        fields = {CERTIFICATE_FIELD: public.certificate_pem, PRIVATE_KEY_FIELD: private_key.pem}
        if public.chain_pem is not None:
            fields[CHAIN_FIELD] = public.chain_pem
        return cls(fields)

    @classmethod
    def read(cls, text: str | None) -> Fields:
        """
        Read what a secret holds.

        Args:
            text: Its text; None if it is binary.

        Raises:
            UnexpectedContentError: It is something else than fields for material.
        """
        if text is None:
            raise UnexpectedContentError("binary data")
        # Material with further fields can be read, but writing over those would lose them.
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            # Without its cause, which would quote the text.
            raise UnexpectedContentError("a text that is no JSON object") from None
        if not isinstance(content, dict):
            raise UnexpectedContentError("JSON that is no object")
        # Neither names nor values are told: they may be as confidential as each other.
        if strangers := len(content.keys() - set(_NAMES)):
            fields = "a field that is" if strangers == 1 else f"{strangers} fields that are"
            raise UnexpectedContentError(f"{fields} neither {' nor '.join(map(repr, _NAMES))}")
        if not all(isinstance(value, str) for value in content.values()):
            raise UnexpectedContentError("a field for material whose value is no text")
        return cls(content)

    def equals(self, other: Fields) -> bool:
        """Whether both hold the same, but for white space at the ends."""
        return {name: text.strip() for name, text in self.by_name.items()} == {
            name: text.strip() for name, text in other.by_name.items()
        }

    def as_text(self) -> str:
        """
        Return the secret's text: a JSON bundle, as every command reads it.

        Raises:
            RefusedError: It is longer than a secret can be.
        """
        text = write_json_bundle(
            certificate=self.by_name[CERTIFICATE_FIELD],
            chain=self.by_name.get(CHAIN_FIELD),
            private_key=self.by_name[PRIVATE_KEY_FIELD],
        )
        if (size := len(text.encode())) > MAX_BYTES:
            raise RefusedError(
                f"Certificate, chain and private key have {size:,} bytes as JSON; a secret holds up to"
                f" {MAX_BYTES:,}. Leave the root and certificates that are not needed out of the chain."
            )
        return text

"""The content of a secret: JSON with fields for the certificate, the private key and the chain."""

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
"""The maximum size of a secret (Secrets Manager quotas)."""


class UnexpectedContentError(Exception):
    """A secret contains something else. The message describes it without quoting it."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a secret. The repr doesn't contain their values."""

    by_name: dict[str, str] = field(repr=False)

    @classmethod
    def of(cls, public: PublicMaterial, private_key: PrivateKey) -> Fields:
        """Return the fields for material in IAM's format."""
        fields = {CERTIFICATE_FIELD: public.certificate_pem, PRIVATE_KEY_FIELD: private_key.pem}
        if public.chain_pem is not None:
            fields[CHAIN_FIELD] = public.chain_pem
        return cls(fields)

    @classmethod
    def read(cls, text: str | None) -> Fields:
        """
        Read the content of a secret.

        Args:
            text: The text; None if the secret is binary.

        Raises:
            UnexpectedContentError: The secret contains something else.
        """
        if text is None:
            raise UnexpectedContentError("binary data")
        # Secrets with other fields are readable, but storing would overwrite those fields.
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            # Drop the cause, which would quote the text.
            raise UnexpectedContentError("text that is not a JSON object") from None
        if not isinstance(content, dict):
            raise UnexpectedContentError("JSON that is not an object")
        # Don't report names or values of fields: both could be confidential.
        if unknown := len(content.keys() - set(_NAMES)):
            fields = "a field" if unknown == 1 else f"{unknown} fields"
            raise UnexpectedContentError(f"{fields} other than {', '.join(map(repr, _NAMES))}")
        if not all(isinstance(value, str) for value in content.values()):
            raise UnexpectedContentError("a field whose value is not a string")
        return cls(content)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in the fields, as in a secret that was created in advance."""
        return not any(text.strip() for text in self.by_name.values())

    def equals(self, other: Fields) -> bool:
        """Return whether both have the same content, apart from leading and trailing whitespace."""
        return {name: text.strip() for name, text in self.by_name.items()} == {
            name: text.strip() for name, text in other.by_name.items()
        }

    def as_text(self) -> str:
        """
        Return the text for the secret: a JSON bundle, which every command can read.

        Raises:
            RefusedError: The text is too long for a secret.
        """
        text = write_json_bundle(
            certificate=self.by_name[CERTIFICATE_FIELD],
            chain=self.by_name.get(CHAIN_FIELD),
            private_key=self.by_name[PRIVATE_KEY_FIELD],
        )
        if (size := len(text.encode())) > MAX_BYTES:
            raise RefusedError(
                f"The certificate, chain and private key are {size:,} bytes as JSON, but a secret can"
                f" have at most {MAX_BYTES:,}. Remove the root and unneeded certificates from the chain."
            )
        return text

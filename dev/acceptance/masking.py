"""Removes from a report what identifies the account, and any secret."""

from __future__ import annotations

import re
from typing import Final

_KEY: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_CERTIFICATE_ID: Final = re.compile(r"\bASCA[A-Z0-9]{12,}\b")
_OTHER_ID: Final = re.compile(r"\b(?:ABIA|ACCA|AIDA|AKIA|ANPA|AROA|ASIA)[A-Z0-9]{12,}\b")


class Mask:
    """
    Masks texts of one account.

    IAM's unique ids contain the account's id in another form. Those of certificates are numbered, so
    that one can be told from another.
    """

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._numbers: dict[str, int] = {}

    def __call__(self, text: str) -> str:
        """Return a text without the account's id and without secrets."""
        text = _KEY.sub("<private key>", text)
        text = _CERTIFICATE_ID.sub(self._numbered, text)
        text = _OTHER_ID.sub("<id>", text)
        return text.replace(self._account_id, "<account>")

    def _numbered(self, found: re.Match[str]) -> str:
        number = self._numbers.setdefault(found[0], len(self._numbers) + 1)
        return f"<ASCA id {number}>"

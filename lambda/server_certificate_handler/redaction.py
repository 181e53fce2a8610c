"""Keep private keys and the ResponseURL out of logs and responses."""

from __future__ import annotations

import codecs
import json
import logging
import re

_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_LINE_END = re.compile(r"\\r|\\n|\r|\n")
"""Including JSON escapes, because a secret can be an object that contains a key."""

_MIN_SECRET, _MIN_LINE = 6, 16
"""Shorter values are not replaced, because that would make the text unreadable."""


class Redactor(logging.Filter):
    """
    Replaces secrets in texts, and in log records if it is added to a log handler.

    It is a second line of defense: no message contains a secret in the first place.
    """

    def __init__(self) -> None:
        super().__init__()
        self._secrets: set[str] = set()

    def forget(self) -> None:
        """Forget the secrets of the previous event that the same sandbox processed."""
        self._secrets.clear()

    def hide(self, secret: str | bytes) -> None:
        """Replace a secret from now on, as a whole and line by line."""
        if isinstance(secret, bytes):
            is_utf_16 = secret.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            secret = secret.decode("utf-16" if is_utf_16 else "utf-8", errors="replace")
        whole = secret.removeprefix("\ufeff").strip()
        lines = (line.strip() for line in _LINE_END.split(secret))
        parts = [line for line in lines if len(line) >= _MIN_LINE and not line.startswith("-----")]
        for part in (whole, *parts) if len(whole) >= _MIN_SECRET else ():
            self._secrets.update({part, json.dumps(part)[1:-1]})

    def redact(self, text: str) -> str:
        """Return a text with its secrets replaced."""
        text = _PRIVATE_KEY.sub("(private key)", text)
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "(secret)")
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact a record in place. Never drop one."""
        if isinstance(record.msg, dict):
            # As text, so that formatters without support for dictionaries also write JSON.
            record.msg = self.redact(json.dumps(record.msg, default=str))
        else:
            record.msg = self.redact(record.getMessage())
            record.args = ()
        if record.exc_info:
            trace = record.exc_text or logging.Formatter().formatException(record.exc_info)
            record.exc_text = self.redact(trace)
        return True

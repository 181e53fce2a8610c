"""Request parameters: declared lengths and patterns, and what IAM says when they are broken."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

from local_cloud.iam.errors import IamError, validation_error
from local_cloud.iam.tags import MAXIMUM_TAGS, Tag

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType


class Pattern(Protocol):
    """Something a text can match as a whole."""

    @property
    def pattern(self) -> str:
        """The pattern as the API reference spells it."""

    def fullmatch(self, text: str, /) -> object:
        """Return something true if all of the text matches."""


@dataclass(frozen=True, slots=True)
class Text:
    """
    A text parameter.

    Attributes:
        name: Its name on the wire.
        longest: The most characters allowed; at least one is always required.
        pattern: What it must match as a whole.
        refusal: The sentence IAM has for this pattern, with ``{field}`` for the parameter's name;
            default: IAM's generic sentence, with the pattern.
    """

    name: str
    longest: int
    pattern: Pattern
    refusal: str | None = None

    @property
    def field(self) -> str:
        """The name as IAM's messages spell it."""
        return self.name[0].lower() + self.name[1:]


class _TagText:
    r"""``[\p{L}\p{Z}\p{N}_.:/=+\-@]``: Python's ``re`` knows no Unicode categories."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def fullmatch(self, text: str, /) -> bool:
        return all(
            unicodedata.category(character)[0] in "LZN" or character in "_.:/=+-@"
            for character in text
        )


_NAME_REFUSAL = (
    "The specified value for {field} is invalid. It must contain only alphanumeric characters "
    "and/or the following: +=,.@_-"
)
_PATH_REFUSAL = (
    "The specified value for {field} is invalid. It must begin and end with / and contain only "
    "alphanumeric characters and/or / characters."
)
_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH = re.compile(r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)")
_PEM = re.compile(r"[\u0009\u000A\u000D\u0020-\u00FF]+")

# Lengths and patterns: AWS's machine-readable model of IAM, 2010-05-08.
SERVER_CERTIFICATE_NAME = Text("ServerCertificateName", 128, _NAME, _NAME_REFUSAL)
NEW_SERVER_CERTIFICATE_NAME = Text("NewServerCertificateName", 128, _NAME, _NAME_REFUSAL)
PATH = Text("Path", 512, _PATH, _PATH_REFUSAL)
NEW_PATH = Text("NewPath", 512, _PATH, _PATH_REFUSAL)
PATH_PREFIX = Text("PathPrefix", 512, re.compile(r"\u002F[\u0021-\u007F]*"), _PATH_REFUSAL)
CERTIFICATE_BODY = Text("CertificateBody", 16_384, _PEM)
PRIVATE_KEY = Text("PrivateKey", 16_384, _PEM)
CERTIFICATE_CHAIN = Text("CertificateChain", 2_097_152, _PEM)
MARKER = Text("Marker", 320, re.compile(r"[\u0020-\u00FF]+"))

_TAG_KEY = _TagText(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+")
_TAG_VALUE = _TagText(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")
_LONGEST_TAG_KEY = 128
_LONGEST_TAG_VALUE = 256
_MOST_ITEMS = 1000
_INTEGER = re.compile(r"-?[0-9]{1,9}")


class Request:
    """
    The parameters of one call, read inside a ``with`` block that refuses them all at its end.

    As on AWS, every broken generic constraint is named at once; the sentences that IAM has of its
    own for names and paths follow only when there is none.
    """

    def __init__(self, query: Mapping[str, str]) -> None:
        self._query = query
        self._violations: list[str] = []
        self._sentences: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            return
        if self._violations:
            number = len(self._violations)
            noun = "error" if number == 1 else "errors"
            raise validation_error(
                f"{number} validation {noun} detected: {'; '.join(self._violations)}"
            )
        if self._sentences:
            raise validation_error(self._sentences[0])

    def optional(self, parameter: Text) -> str | None:
        """Read a text parameter, or None if the call doesn't carry it."""
        text = self._query.get(parameter.name)
        if text is None:
            return None
        self._check_length(text, parameter.field, 1, parameter.longest)
        if text and not parameter.pattern.fullmatch(text):
            if parameter.refusal is None:
                self._check_pattern(text, parameter.field, parameter.pattern)
            else:
                self._sentences.append(parameter.refusal.format(field=parameter.field))
        return text

    def required(self, parameter: Text) -> str:
        """Read a text parameter that must be there."""
        text = self.optional(parameter)
        if text is None:
            self._violate(parameter.field, "must not be null")
        return text or ""

    def max_items(self) -> int | None:
        """
        Read MaxItems, 1 to 1000.

        Raises:
            IamError: MalformedInput when it is no integer.
        """
        text = self._query.get("MaxItems")
        if text is None:
            return None
        if not _INTEGER.fullmatch(text):
            raise IamError("MalformedInput", f"MaxItems is not an integer: {text}")
        number = int(text)
        if number < 1:
            self._violate("maxItems", "must have value greater than or equal to 1")
        if number > _MOST_ITEMS:
            self._violate("maxItems", f"must have value less than or equal to {_MOST_ITEMS}")
        return number

    def optional_tags(self) -> tuple[Tag, ...]:
        """Read ``Tags.member.N.Key`` and ``.Value``; none is an empty tuple."""
        members = self._members(re.compile(r"Tags\.member\.([1-9][0-9]{0,8})\.(?:Key|Value)"))
        if len(members) > MAXIMUM_TAGS:
            self._violate("tags", f"must have length less than or equal to {MAXIMUM_TAGS}")
        return tuple(self._tag(number, place) for place, number in enumerate(members, start=1))

    def required_tags(self) -> tuple[Tag, ...]:
        """Read the tags of a call that can't do without."""
        tags = self.optional_tags()
        # SDKs serialise an empty list as an empty "Tags": given, and nothing to do.
        if not tags and "Tags" not in self._query:
            self._violate("tags", "must not be null")
        return tags

    def required_tag_keys(self) -> tuple[str, ...]:
        """Read ``TagKeys.member.N``."""
        members = self._members(re.compile(r"TagKeys\.member\.([1-9][0-9]{0,8})"))
        if len(members) > MAXIMUM_TAGS:
            self._violate("tagKeys", f"must have length less than or equal to {MAXIMUM_TAGS}")
        keys = tuple(self._query[f"TagKeys.member.{number}"] for number in members)
        if not keys and "TagKeys" not in self._query:
            self._violate("tagKeys", "must not be null")
        broken = [
            constraint
            for key in keys
            for constraint in _tag_text_violations(key, 1, _LONGEST_TAG_KEY, _TAG_KEY)
        ]
        if broken:
            self._violate("tagKeys", f"must satisfy constraint: [{', '.join(broken)}]")
        return keys

    def _tag(self, number: int, place: int) -> Tag:
        key = self._query.get(f"Tags.member.{number}.Key")
        value = self._query.get(f"Tags.member.{number}.Value")
        field = f"tags.{place}.member"
        if key is None:
            self._violate(f"{field}.key", "must not be null")
        else:
            for constraint in _tag_text_violations(key, 1, _LONGEST_TAG_KEY, _TAG_KEY):
                self._violate(f"{field}.key", constraint.removeprefix("Member "))
        if value is None:
            self._violate(f"{field}.value", "must not be null")
        else:
            for constraint in _tag_text_violations(value, 0, _LONGEST_TAG_VALUE, _TAG_VALUE):
                self._violate(f"{field}.value", constraint.removeprefix("Member "))
        return Tag(key or "", value or "")

    def _members(self, pattern: re.Pattern[str]) -> list[int]:
        matches = (pattern.fullmatch(name) for name in self._query)
        return sorted({int(match[1]) for match in matches if match})

    def _check_length(self, text: str, field: str, shortest: int, longest: int) -> None:
        if len(text) < shortest:
            self._violate(field, f"must have length greater than or equal to {shortest}")
        if len(text) > longest:
            self._violate(field, f"must have length less than or equal to {longest}")

    def _check_pattern(self, text: str, field: str, pattern: Pattern) -> None:
        if not pattern.fullmatch(text):
            self._violate(field, f"must satisfy regular expression pattern: {pattern.pattern}")

    def _violate(self, field: str, constraint: str) -> None:
        self._violations.append(
            f"Value at '{field}' failed to satisfy constraint: Member {constraint}"
        )


def _tag_text_violations(text: str, shortest: int, longest: int, pattern: Pattern) -> list[str]:
    violations = []
    if len(text) < shortest:
        violations.append(f"Member must have length greater than or equal to {shortest}")
    if len(text) > longest:
        violations.append(f"Member must have length less than or equal to {longest}")
    if not pattern.fullmatch(text):
        violations.append(f"Member must satisfy regular expression pattern: {pattern.pattern}")
    return violations

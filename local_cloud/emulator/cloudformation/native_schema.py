"""The schema of ``AWS::IAM::ServerCertificate``: CloudFormation checks it before it calls IAM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LONGEST = {
    "ServerCertificateName": 128,
    "Path": 512,
    "CertificateBody": 16_384,
    "PrivateKey": 16_384,
    "CertificateChain": 2_097_152,
}
_LONGEST_OF_TAG = {"Key": 128, "Value": 256}
_JSON_TYPES: dict[type, str] = {dict: "JSONObject", list: "JSONArray"}

# The emulator adds these. For this type, CloudFormation doesn't: "cloudFormationSystemTags": false.
_SYSTEM_TAGS = "aws:cloudformation:"


def violations(props: Mapping[str, Any]) -> list[str]:
    """
    Return what breaks the schema; no text has a value in it.

    Patterns aren't checked: the schema's aren't anchored, so nearly everything satisfies them.
    """
    found = list(_in_object(props, "#", _LONGEST | {"Tags": 0}))
    for place, tag in enumerate(_given_tags(props)):
        where = f"#/Tags/{place}"
        found += [
            f"{where}: required key [{key}] not found" for key in ("Value", "Key") if key not in tag
        ]
        found += _in_object(tag, where, _LONGEST_OF_TAG)
    return found


def tags_of(props: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return key and value of the template's and the stack's tags."""
    return [(str(tag["Key"]), str(tag["Value"])) for tag in _given_tags(props)]


def _given_tags(props: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        tag
        for tag in props.get("Tags") or []
        if not str(tag.get("Key", "")).startswith(_SYSTEM_TAGS)
    ]


def _in_object(given: Mapping[str, Any], where: str, longest: Mapping[str, int]) -> Iterator[str]:
    for key, value in given.items():
        if key not in longest:
            yield f"{where}: extraneous key [{key}] is not permitted"
        elif key == "Tags":
            continue
        elif type(value) in _JSON_TYPES:
            yield f"{where}/{key}: expected type: String, found: {_JSON_TYPES[type(value)]}"
        elif not str(value):
            yield f"{where}/{key}: expected minLength: 1, actual: 0"
        elif len(str(value)) > longest[key]:
            yield f"{where}/{key}: expected maxLength: {longest[key]}, actual: {len(str(value))}"

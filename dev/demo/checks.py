"""
The checks: each examines the evidence of a step and returns what is wrong.

They are pure, and don't use the code that they check: what they expect is written here in full.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dev.certificates.authority import Issued
    from dev.demo.facts import Evidence, StoredCertificate

    Check = Callable[[Evidence], list[str]]
    """Returns one sentence for each problem."""

PRIVATE_KEY: Final = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\s|\\r|\\n)*[A-Za-z0-9+/=]{16}"
)
"""Also with line ends as in JSON. Code that only mentions the header doesn't match."""

USER_TAGS: Final = {"project": "cdk-iam-server-certificate"}
STACK_ID_TAG: Final = "cdk-iam-server-certificate:stack-id"
LOGICAL_ID_TAG: Final = "cdk-iam-server-certificate:logical-id"
REQUEST_ID_TAG: Final = "cdk-iam-server-certificate:request-id"
SOURCE_TAG: Final = "cdk-iam-server-certificate:source"
REPLACES_TAG: Final = "cdk-iam-server-certificate:replaces"
SECRET_VERSION_TAG: Final = "cdk-iam-server-certificate:secret-version"  # noqa: S105 (the name of a tag)


def succeeded(evidence: Evidence) -> list[str]:
    """Expect exit code 0."""
    code = evidence.outcome.exit_code
    return [] if code == 0 else [f"The command ended with exit code {code}."]


def failed_with(*phrases: str) -> Check:
    """Expect that the command failed, and that its output has these phrases."""

    def check(evidence: Evidence) -> list[str]:
        code, said = evidence.outcome.exit_code, " ".join(evidence.outcome.output.split())
        wrong = [] if code else ["The command ended with exit code 0, and should have failed."]
        return wrong + [f"The output lacks '{phrase}'." for phrase in phrases if phrase not in said]

    return check


def output_has(phrase: str) -> Check:
    """Expect a phrase in the output, whatever the exit code."""

    def check(evidence: Evidence) -> list[str]:
        found = phrase in " ".join(evidence.outcome.output.split())
        return [] if found else [f"The output lacks '{phrase}'."]

    return check


def holds(material: Issued, *, path: str, name: str | None = None) -> Check:
    """
    Expect one certificate of ours, with this content, name, path and the right tags.

    Args:
        material: The content, compared by DER.
        path: The path.
        name: The name; default: any generated one.
    """

    def check(evidence: Evidence) -> list[str]:
        if len(evidence.ours) != 1:
            return [f"IAM holds {len(evidence.ours)} certificates of ours instead of 1."]
        (stored,) = evidence.ours
        wrong = []
        if stored.path != path:
            wrong.append(f"The path is '{stored.path}', not '{path}'.")
        if name is None and not evidence.names.is_generated(stored.name):
            wrong.append(f"The name '{stored.name}' is not a generated one.")
        if name is not None and stored.name != name:
            wrong.append(f"The name is '{stored.name}', not '{name}'.")
        if not stored.arn.endswith(f":server-certificate{stored.place}"):
            wrong.append(f"The ARN '{stored.arn}' does not end with '{stored.place}'.")
        if stored.certificate_der != material.der:
            wrong.append("The content is not the certificate that was deployed.")
        if stored.chain_der != material.chain_der():
            wrong.append("The chain is not the one that was deployed.")
        return wrong + _wrong_tags(stored, evidence)

    return check


def outputs_describe_it(material: Issued) -> Check:
    """
    Expect that the stack's outputs are those of our certificate.

    Args:
        material: The certificate whose expiry the outputs must show.
    """
    expiration = material.certificate.not_valid_after_utc

    def check(evidence: Evidence) -> list[str]:
        lines, stack = evidence.outcome.output.splitlines(), evidence.names.stack
        expected = [f"{stack}.Expiration = {expiration:%Y-%m-%dT%H:%M:%SZ}"]
        for stored in evidence.ours:
            expected += [
                f"{stack}.Arn = {stored.arn}",
                f"{stack}.Id = {stored.certificate_id}",
                f"{stack}.Name = {stored.name}",
            ]
        return [f"The outputs lack '{line}'." for line in expected if line not in lines]

    return check


def same_id(evidence: Evidence) -> list[str]:
    """Expect the certificate from before."""
    before, now = _ids(evidence.ours_before), _ids(evidence.ours)
    return [] if before == now else [f"The id changed from {_text(before)} to {_text(now)}."]


def new_id(evidence: Evidence) -> list[str]:
    """Expect another certificate, and the one from before gone."""
    before, now = _ids(evidence.ours_before), _ids(evidence.ours)
    wrong = [] if before else ["There was no certificate before."]
    return wrong + [f"{each} is still there." for each in before if each in now]


def nothing_changed(evidence: Evidence) -> list[str]:
    """Expect IAM, the stack's resource and the listener unchanged."""
    wrong = []
    if evidence.ours_before != evidence.ours:
        wrong.append("Our certificate has changed.")
    if evidence.before.resource != evidence.after.resource:
        wrong.append("The stack's resource has changed.")
    if evidence.before.listener_arns != evidence.after.listener_arns:
        wrong.append("The listener's certificate is not the one from before.")
    return wrong


def listener_serves_it(evidence: Evidence) -> list[str]:
    """Expect that the listener refers to our certificate by its current ARN."""
    expected = tuple(stored.arn for stored in evidence.ours)
    found = evidence.after.listener_arns
    if not expected:
        return ["The listener has no certificate to serve."]
    if found == expected:
        return []
    return [f"The listener refers to {_text(found)}, not to {_text(expected)}."]


def never_missing(evidence: Evidence) -> list[str]:
    """Expect that the listener's certificate was in IAM at all times."""
    watch = evidence.outcome.watch
    if watch is None or not watch.looks:
        return ["The listener wasn't checked while the deployment ran."]
    return [f"The listener referred to {arn}, which IAM did not have." for arn in watch.missing]


def foreign_untouched(evidence: Evidence) -> list[str]:
    """Expect somebody else's certificate unchanged."""
    return (
        []
        if evidence.foreign in evidence.after.certificates
        else [f"The foreign certificate '{evidence.foreign.name}' has changed."]
    )


def nothing_left(evidence: Evidence) -> list[str]:
    """Expect no certificate of ours, no stack and no listener."""
    wrong = [f"'{stored.name}' is still in IAM." for stored in evidence.ours]
    if evidence.after.resource is not None:
        wrong.append("The stack still has the certificate.")
    if evidence.after.listener_arns:
        wrong.append(f"A listener still refers to {_text(evidence.after.listener_arns)}.")
    return wrong


def keeps_secret(materials: Iterable[Issued], *, sources: Iterable[str]) -> Check:
    """
    Expect no private key and no ResponseURL in the collected texts.

    Args:
        materials: The certificates whose keys to look for, line by line.
        sources: Beginnings of the names of texts that must have been collected and not be empty.
    """
    keys = [
        line.encode()
        for material in materials
        for line in material.key_pem().splitlines()
        if not line.startswith("-----")
    ]

    def check(evidence: Evidence) -> list[str]:
        texts = evidence.outcome.texts
        wrong = [
            f"Nothing was read from the {source}."
            for source in sources
            if not any(where.startswith(source) and text for where, text in texts.items())
        ]
        for where, text in texts.items():
            if any(key in text for key in keys) or PRIVATE_KEY.search(text):
                wrong.append(f"There is a private key in the {where}.")
            if b"/cfn-response/" in text:
                wrong.append(f"There is a ResponseURL in the {where}.")
        return wrong

    return check


def contains(source: str, *phrases: str) -> Check:
    """
    Expect phrases in a collected text, to be sure that it was written.

    Args:
        source: Beginning of the text's name.
        phrases: What it must contain.
    """

    def check(evidence: Evidence) -> list[str]:
        texts = evidence.outcome.texts
        text = b"".join(text for where, text in texts.items() if where.startswith(source))
        return [
            f"The {source} lacks '{phrase}'." for phrase in phrases if phrase.encode() not in text
        ]

    return check


def mismatches(checks: Iterable[Check], evidence: Evidence) -> tuple[str, ...]:
    """Return the problems that all checks find."""
    return tuple(sentence for check in checks for sentence in check(evidence))


def _wrong_tags(stored: StoredCertificate, evidence: Evidence) -> list[str]:
    resource = evidence.after.resource
    if resource is None:
        return ["The stack has no certificate."]
    wrong = []
    if resource.physical_id != stored.certificate_id:
        wrong.append(
            f"The stack knows the certificate as {resource.physical_id}, IAM as {stored.certificate_id}."
        )
    tags = dict(stored.tags)
    wrong += [
        f"The tag '{key}' is missing."
        for key in (REQUEST_ID_TAG, SOURCE_TAG)
        if not tags.pop(key, "")
    ]
    replaced, expected_replaced = _replaced(stored), _replaced_before(stored, evidence)
    tags.pop(REPLACES_TAG, None)
    tags.pop(SECRET_VERSION_TAG, None)
    if replaced != expected_replaced:
        wrong.append(f"Its tags say that it replaces '{replaced}', not '{expected_replaced}'.")
    expected = USER_TAGS | {STACK_ID_TAG: resource.stack_id, LOGICAL_ID_TAG: resource.logical_id}
    if tags != expected:
        wrong.append(f"The tags are {tags}, not {expected}.")
    return wrong


def _replaced(stored: StoredCertificate) -> str:
    """Return the id that a certificate replaces, by its tag."""
    return stored.tags.get(REPLACES_TAG, "").partition(" ")[0]


def _replaced_before(stored: StoredCertificate, evidence: Evidence) -> str:
    """Return the id that the tag should name: for a new certificate the one from before, else the same."""
    for before in evidence.ours_before:
        same = before.certificate_id == stored.certificate_id
        return _replaced(before) if same else before.certificate_id
    return ""


def _ids(certificates: tuple[StoredCertificate, ...]) -> tuple[str, ...]:
    return tuple(stored.certificate_id for stored in certificates)


def _text(values: tuple[str, ...]) -> str:
    return " and ".join(values) or "nothing"

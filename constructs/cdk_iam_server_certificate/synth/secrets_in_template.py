"""Refuse private keys, bundles and passphrases that the app itself writes to its templates or assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cdk_iam_server_certificate.material import sources_of, subject_of
from cdk_iam_server_certificate.synth.deployed_files import deployed_by
from cdk_iam_server_certificate.synth.literal_content import UNKNOWN, has_literal_content
from cdk_iam_server_certificate.synth.sdk_calls import content_of_call, writes_to
from cdk_iam_server_certificate.synth.stage_resources import (
    ATTACHMENT,
    PARAMETER,
    SDK_CALL,
    SECRET,
    StageResources,
    has_override,
    path_of,
    property_of,
)
from server_certificate.contract.properties import Property
from server_certificate.contract.sources import Source as Key
from server_certificate.reading.rules import SECRET_IN_TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import CfnResource, Stack

    from cdk_iam_server_certificate.material import CertificateMaterial
    from cdk_iam_server_certificate.sources.source import Source
    from server_certificate.findings import Finding

_CONFIDENTIAL: Final = (Property.PRIVATE_KEY, Property.BUNDLE, Property.PASSPHRASE)
_RANDOM_SUFFIX: Final = len("-AbCdEf")
_STORE: Final = (
    "Remove the value from the app. Store the certificate and its private key with the command"
    " 'server-certificate store --secret NAME', and import the secret with"
    " Secret.from_secret_name_v2."
)
_STORE_DECRYPTED: Final = (
    "Remove the value from the app. Store the certificate and its private key with the command"
    " 'server-certificate store --secret NAME --passphrase-file FILE', which decrypts them, and"
    " import the secret with Secret.from_secret_name_v2. It requires no passphrase."
)


class SecretsInTemplate:
    """The check of one certificate, which runs after all aspects."""

    def __init__(self, stack: Stack, material: CertificateMaterial) -> None:
        self._stack = stack
        self._sources = {
            part: source
            for part, source in sources_of(material).items()
            if part in _CONFIDENTIAL and source.problem is None
        }

    def problems(self) -> list[str]:
        """Return a line for each part whose content would become part of the template or an asset."""
        return [str(finding) for finding in self._findings()]

    def _findings(self) -> Iterator[Finding]:
        if not self._sources:
            return
        resources = StageResources.seen_by(self, self._stack)
        for part, source in self._sources.items():
            fix = _STORE_DECRYPTED if part is Property.PASSPHRASE else _STORE
            key = (id(self._stack), *source.keys.items())
            if key not in resources.problems:
                found = dict.fromkeys(self._problems(source, resources))
                resources.problems[key] = tuple(found)
            for message in resources.problems[key]:
                yield SECRET_IN_TEMPLATE.finding(subject_of(part), message, fix)

    def _problems(self, source: Source, resources: StageResources) -> Iterator[str]:
        keys = source.keys
        field = keys.get(Key.JSON_FIELD)
        if arn := keys.get(Key.SECRET_ARN):
            for resource in self._secrets(arn, resources):
                if problem := _problem_of_secret(resource, field, resources):
                    yield problem
            yield from self._problems_of_calls(arn, _name_in(arn), field, resources)
        elif name := keys.get(Key.PARAMETER_NAME):
            for resource in self._found(PARAMETER, name, _name_in(name), resources):
                yield (
                    f"the app creates the parameter {path_of(resource)}. CloudFormation can't create"
                    " a SecureString, so the template contains the value in plain text."
                )
            yield from self._problems_of_calls(name, _name_in(name), field, resources)
        elif (bucket := keys.get(Key.BUCKET_NAME)) and (key := keys.get(Key.OBJECT_KEY)):
            for deployment in deployed_by(bucket, key, resources, self._stack):
                yield (
                    f"the app deploys the object from a local file ({path_of(deployment)}), which"
                    " becomes part of the app's assets."
                )
            yield from self._problems_of_calls(bucket + key, key, None, resources)

    def _found(
        self, kind: str, value: str, name: str, resources: StageResources
    ) -> list[CfnResource]:
        """Return the resources of a type that a source refers to, by a token or by name."""
        referred = resources.referred_to(value, self._stack)
        return [
            *(each for each in referred if each in resources.resources.get(kind, ())),
            *resources.named(kind, name, self._stack),
        ]

    def _secrets(self, arn: str, resources: StageResources) -> Iterator[CfnResource]:
        name = _name_in(arn)
        yield from self._found(SECRET, arn, name, resources)
        yield from resources.named(SECRET, name[:-_RANDOM_SUFFIX], self._stack)
        for attachment in self._found(ATTACHMENT, arn, name, resources):
            attached = property_of(attachment, "SecretId")
            yield from (
                each
                for each in resources.resources.get(SECRET, ())
                if each.stack.resolve(each.ref) == attached
            )

    def _problems_of_calls(
        self, value: str, name: str, field: str | None, resources: StageResources
    ) -> Iterator[str]:
        """Yield the problems of AwsCustomResource, whose properties are calls to AWS."""
        calls = resources.resources.get(SDK_CALL, ())
        referred = resources.referred_to(value, self._stack) if calls else ()
        for resource in calls:
            for action in ("Create", "Update"):
                call = resources.text_of(resource, action)
                if resource not in referred and not writes_to(call, name):
                    continue
                if has_literal_content(content_of_call(call), field):
                    yield (
                        f"the value is in the parameters of a call that the app makes"
                        f" ({path_of(resource)}), and so in the template."
                    )


def _problem_of_secret(
    secret: CfnResource, field: str | None, resources: StageResources
) -> str | None:
    if has_literal_content(resources.text_of(secret, "SecretString"), field):
        return f"the app sets the value of the secret {path_of(secret)}, and so writes it to the template."
    for path in ("SecretString",), ("GenerateSecretString", "SecretStringTemplate"):
        if has_override(secret, "Properties", *path):
            return (
                f"the app overrides the value of the secret {path_of(secret)}, and so writes it to the"
                " template."
            )
    generated = property_of(secret, "GenerateSecretString") or {}
    by_name = {key[0].upper() + key[1:]: value for key, value in generated.items()}
    template = by_name.get("SecretStringTemplate")
    if not template or (field is not None and field == by_name.get("GenerateStringKey")):
        return None
    if has_literal_content(resources.text(template, secret.stack), field):
        return f"the app sets a part of the value of the secret {path_of(secret)}, and so writes it to the template."
    return None


def _name_in(value: str) -> str:
    """Return the name in an ARN, or the value itself."""
    for separator in (":secret:", ":parameter"):
        _, found, name = value.rpartition(separator)
        if found:
            return name
    return value if UNKNOWN not in value else ""

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
    from collections.abc import Collection, Iterator

    from aws_cdk import CfnResource, Stack
    from constructs import IConstruct

    from cdk_iam_server_certificate.material import CertificateMaterial
    from cdk_iam_server_certificate.sources.source import Source

_CONFIDENTIAL: Final = (Property.PRIVATE_KEY, Property.BUNDLE, Property.PASSPHRASE)
_RANDOM_SUFFIX: Final = len("-AbCdEf")
_DECRYPTED: Final = " The command decrypts the private key, so the certificate needs no passphrase."


class SecretsInTemplate:
    """
    The check of all certificates of a stage, for one synthesis: an app can change until the next one.

    Args:
        stage: The stage, after all aspects.
    """

    def __init__(self, stage: IConstruct) -> None:
        self._resources = StageResources(stage)
        self._found: dict[object, tuple[str, ...]] = {}
        """The problems by stack and source, because certificates can share a source."""

    def problems(self, material: CertificateMaterial, stack: Stack) -> Iterator[str]:
        """
        Yield a line for each part whose content would become part of the template or an asset.

        Args:
            material: The material of a certificate.
            stack: The stack of the certificate.
        """
        sources = sources_of(material)
        for part, source in sources.items():
            if part not in _CONFIDENTIAL or source.problem is not None:
                continue
            known = (stack, *source.keys.items())
            if known not in self._found:
                self._found[known] = tuple(dict.fromkeys(self._problems(source, stack)))
            for message in self._found[known]:
                yield str(SECRET_IN_TEMPLATE.finding(subject_of(part), message, _fix(sources)))

    def _problems(self, source: Source, stack: Stack) -> Iterator[str]:
        keys = source.keys
        field = keys.get(Key.JSON_FIELD)
        if arn := keys.get(Key.SECRET_ARN):
            for resource in self._secrets(arn, stack):
                if problem := _problem_of_secret(resource, field, self._resources):
                    yield problem
            yield from self._problems_of_calls(arn, _name_in(arn), field, stack)
        elif name := keys.get(Key.PARAMETER_NAME):
            for resource in self._referred(PARAMETER, name, stack):
                yield (
                    f"the app creates the parameter {path_of(resource)}. CloudFormation can't create"
                    " a SecureString, so the template contains the value in plain text."
                )
            yield from self._problems_of_calls(name, _name_in(name), field, stack)
        elif (bucket := keys.get(Key.BUCKET_NAME)) and (key := keys.get(Key.OBJECT_KEY)):
            for deployment in deployed_by(bucket, key, self._resources, stack):
                yield (
                    f"the app deploys the object from a local file ({path_of(deployment)}), which"
                    " becomes part of the app's assets."
                )
            yield from self._problems_of_calls(bucket + key, key, None, stack)

    def _referred(self, kind: str, value: str, stack: Stack) -> list[CfnResource]:
        """Return the resources of a type that a source refers to, by a token or by name."""
        of_kind = self._resources.of(kind)
        referred = self._resources.referred_to(value, stack)
        return [
            *(each for each in referred if each in of_kind),
            *self._resources.named(kind, _name_in(value), stack),
        ]

    def _secrets(self, arn: str, stack: Stack) -> Iterator[CfnResource]:
        yield from self._referred(SECRET, arn, stack)
        yield from self._resources.named(SECRET, _name_in(arn)[:-_RANDOM_SUFFIX], stack)
        for attachment in self._referred(ATTACHMENT, arn, stack):
            attached = property_of(attachment, "SecretId")
            yield from (
                each
                for each in self._resources.of(SECRET)
                if each.stack.resolve(each.ref) == attached
            )

    def _problems_of_calls(
        self, value: str, name: str, field: str | None, stack: Stack
    ) -> Iterator[str]:
        """Yield the problems of AwsCustomResource, whose properties are calls to AWS."""
        calls = self._resources.of(SDK_CALL)
        referred = self._resources.referred_to(value, stack) if calls else ()
        for resource in calls:
            for action in ("Create", "Update"):
                call = self._resources.text_of(resource, action)
                if resource not in referred and not writes_to(call, name):
                    continue
                if has_literal_content(content_of_call(call), field):
                    yield (
                        f"the value is in the parameters of a call that the app makes"
                        f" ({path_of(resource)}), and so in the template."
                    )


def _fix(parts: Collection[Property]) -> str:
    """Return how to store a certificate that has these parts."""
    given = "FILE" if Property.BUNDLE in parts else "FILE --private-key FILE"
    is_encrypted = Property.PASSPHRASE in parts
    decrypting = " --passphrase-file FILE" if is_encrypted else ""
    return (
        "Remove the value from the app. Store the certificate and its private key with the command"
        f" 'server-certificate store --secret NAME {given}{decrypting}', and declare the certificate"
        f" with the code that it prints.{_DECRYPTED if is_encrypted else ''}"
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

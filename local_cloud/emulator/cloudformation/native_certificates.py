"""``AWS::IAM::ServerCertificate``, CloudFormation's own resource type, which the emulator lacks."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import changesets, provisioners

from local_cloud.emulator.cloudformation import handler_errors
from local_cloud.emulator.cloudformation.handler_errors import failure_reason, service_error
from local_cloud.emulator.cloudformation.native_schema import tags_of, violations
from local_cloud.emulator.internals import instance
from local_cloud.iam.actions import ACTIONS
from local_cloud.iam.errors import IamError, no_such_entity
from local_cloud.iam.parameters import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from local_cloud.emulator.identity.certificates import CertificateStores

INTERNALS = (
    instance(provisioners, "_RESOURCE_HANDLERS", dict),
    instance(provisioners, "_REPLACING_PROPERTIES", dict),
    instance(provisioners, "_STACK_TAG_PROPERTY", dict),
    instance(changesets, "_IMPORT_LOOKUPS", dict),
    *handler_errors.INTERNALS,
)

_RESOURCE_TYPE = "AWS::IAM::ServerCertificate"
_NAME = "ServerCertificateName"
_SERVICE = "Iam"
# The create-only properties of the resource type's schema.
_REPLACING = (_NAME, "CertificateBody", "PrivateKey", "CertificateChain")
_LONGEST_NAME = 128
_SUFFIX_LENGTH = 12

# How CloudFormation classifies a service's errors (CloudFormation CLI User Guide, "Handler error
# codes"). For a conflict, its other IAM types give the last one.
_HANDLER_ERROR_CODES = {
    "EntityAlreadyExists": "AlreadyExists",
    "LimitExceeded": "ServiceLimitExceeded",
    "NoSuchEntity": "NotFound",
    "ValidationError": "InvalidRequest",
    "InvalidInput": "InvalidRequest",
    "MalformedCertificate": "InvalidRequest",
    "KeyPairMismatch": "InvalidRequest",
}
_OTHER_ERRORS = "GeneralServiceException"


class NativeCertificates:
    """Creates, replaces, changes, imports and deletes the certificates of this type."""

    def __init__(self, stores: CertificateStores) -> None:
        self._stores = stores
        provisioners._RESOURCE_HANDLERS[_RESOURCE_TYPE] = {  # noqa: SLF001 - no public way in
            "create": self._create,
            "update": self._update,
            "update_with_logical_id": True,
            "delete": self._delete,
            "import": self._import,
        }
        provisioners._REPLACING_PROPERTIES[_RESOURCE_TYPE] = _REPLACING  # noqa: SLF001 - the same
        provisioners._STACK_TAG_PROPERTY[_RESOURCE_TYPE] = ("Tags", "list")  # noqa: SLF001 - the same
        changesets._IMPORT_LOOKUPS[_RESOURCE_TYPE] = ((_NAME,), self._import_problem)  # noqa: SLF001 - the same

    def _create(
        self, logical_id: str, props: Mapping[str, Any], stack_name: str
    ) -> tuple[str, dict[str, str]]:
        _check(logical_id, props)
        name = props.get(_NAME) or _generated_name(stack_name, logical_id)
        given = {key: str(props[key]) for key in (*_REPLACING, "Path") if key in props}
        self._call("UploadServerCertificate", given | {_NAME: name} | _tag_fields(tags_of(props)))
        return name, self._attributes(name)

    def _update(
        self,
        physical_id: str,
        old_props: Mapping[str, Any],
        new_props: Mapping[str, Any],
        stack_name: str,  # noqa: ARG002 - the emulator's call
        logical_id: str,
    ) -> tuple[str, dict[str, str]]:
        """Change path and tags, in place; any other change is a replacement."""
        _check(logical_id, new_props)
        path = new_props.get("Path", "/")
        if path != old_props.get("Path", "/"):
            self._call("UpdateServerCertificate", {_NAME: physical_id, "NewPath": path})
        before, after = dict(tags_of(old_props)), tags_of(new_props)
        if gone := before.keys() - dict(after):
            keys = {f"TagKeys.member.{number}": key for number, key in enumerate(gone, start=1)}
            self._call("UntagServerCertificate", {_NAME: physical_id} | keys)
        if changed := [(key, value) for key, value in after if before.get(key) != value]:
            self._call("TagServerCertificate", {_NAME: physical_id} | _tag_fields(changed))
        return physical_id, self._attributes(physical_id)

    def _delete(self, physical_id: str, props: Mapping[str, Any]) -> None:  # noqa: ARG002 - the emulator's call
        # For CloudFormation, what doesn't exist is deleted.
        if self._stores.current().find(physical_id) is not None:
            self._call("DeleteServerCertificate", {_NAME: physical_id})

    def _import(self, identifier: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        name = identifier[_NAME]
        return name, self._attributes(name)

    def _import_problem(self, name: str) -> str | None:
        if self._stores.current().find(name) is None:
            error = no_such_entity(name)
            return service_error(error.message, service=_SERVICE, status=error.status)
        return None

    def _attributes(self, name: str) -> dict[str, str]:
        return {"Arn": self._stores.current().get(name).arn}

    def _call(self, action: str, query: Mapping[str, str]) -> None:
        try:
            ACTIONS[action](Request(query), self._stores.current())
        except IamError as error:
            code = _HANDLER_ERROR_CODES.get(error.code, _OTHER_ERRORS)
            raise ValueError(
                failure_reason(error.message, service=_SERVICE, kind=code, status=error.status)
            ) from None


def _check(logical_id: str, props: Mapping[str, Any]) -> None:
    found = violations(props)
    if found:
        raise ValueError(
            f"Properties validation failed for resource {logical_id} with message: "
            f"[{', '.join(found)}]"
        )


def _generated_name(stack_name: str, logical_id: str) -> str:
    """
    Generate a name as CloudFormation does.

    The emulator's names are always the same for a resource. They would collide with the certificate
    that an earlier stack of this name has retained.
    """
    alphabet = string.ascii_uppercase + string.digits
    suffix = "".join(secrets.choice(alphabet) for _ in range(_SUFFIX_LENGTH))
    return f"{stack_name}-{logical_id}-"[: _LONGEST_NAME - _SUFFIX_LENGTH] + suffix


def _tag_fields(tags: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {
        f"Tags.member.{number}.{part}": text
        for number, tag in enumerate(tags, start=1)
        for part, text in zip(("Key", "Value"), tag, strict=True)
    }

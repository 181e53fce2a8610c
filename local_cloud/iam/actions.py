"""The eight server-certificate actions: from a call's fields to its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from local_cloud.iam import parameters, wire
from local_cloud.iam.errors import IamError
from local_cloud.iam.parameters import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local_cloud.iam.store import ServerCertificateStore
    from local_cloud.iam.wire import Response


def answer(
    action: str, query: Mapping[str, str], store: ServerCertificateStore, *, request_id: str
) -> Response:
    """
    Carry out one action on one account's certificates.

    Args:
        action: A key of ``ACTIONS``.
        query: The call's fields.
        store: The account's certificates.
        request_id: The request id in the answer.
    """
    try:
        result = ACTIONS[action](Request(query), store)
    except IamError as error:
        return wire.failure(error, request_id=request_id)
    return wire.success(action, result, request_id=request_id)


def _upload(request: Request, store: ServerCertificateStore) -> str:
    with request:
        path = request.optional(parameters.PATH)
        name = request.required(parameters.SERVER_CERTIFICATE_NAME)
        body = request.required(parameters.CERTIFICATE_BODY)
        private_key = request.required(parameters.PRIVATE_KEY)
        chain = request.optional(parameters.CERTIFICATE_CHAIN)
        tags = request.optional_tags()
    certificate = store.upload(
        name, path=path or "/", body=body, private_key=private_key, chain=chain, tags=tags
    )
    metadata = wire.element("ServerCertificateMetadata", wire.metadata_elements(certificate))
    # Unlike Get, Upload omits the element when there are no tags.
    return metadata + (wire.tags_element(certificate.tags) if certificate.tags else "")


def _get(request: Request, store: ServerCertificateStore) -> str:
    with request:
        name = request.required(parameters.SERVER_CERTIFICATE_NAME)
    certificate = store.get(name)
    chain = certificate.material.chain
    return wire.element(
        "ServerCertificate",
        wire.element("ServerCertificateMetadata", wire.metadata_elements(certificate))
        + wire.element("CertificateBody", escape(certificate.material.body))
        + ("" if chain is None else wire.element("CertificateChain", escape(chain)))
        + wire.tags_element(certificate.tags),
    )


def _list(request: Request, store: ServerCertificateStore) -> str:
    with request:
        path_prefix = request.optional(parameters.PATH_PREFIX)
        marker = request.optional(parameters.MARKER)
        max_items = request.max_items()
    found = store.list_certificates(
        path_prefix=path_prefix or "/", marker=marker, max_items=max_items
    )
    members = "".join(
        wire.element("member", wire.metadata_elements(certificate)) for certificate in found.items
    )
    return wire.element("ServerCertificateMetadataList", members) + wire.page_elements(found.marker)


def _update(request: Request, store: ServerCertificateStore) -> None:
    with request:
        name = request.required(parameters.SERVER_CERTIFICATE_NAME)
        new_path = request.optional(parameters.NEW_PATH)
        new_name = request.optional(parameters.NEW_SERVER_CERTIFICATE_NAME)
    store.update(name, new_name=new_name, new_path=new_path)


def _delete(request: Request, store: ServerCertificateStore) -> None:
    with request:
        name = request.required(parameters.SERVER_CERTIFICATE_NAME)
    store.delete(name)


def _tag(request: Request, store: ServerCertificateStore) -> None:
    with request:
        name = request.required(parameters.SERVER_CERTIFICATE_NAME)
        tags = request.required_tags()
    store.tag(name, tags)


def _untag(request: Request, store: ServerCertificateStore) -> None:
    with request:
        name = request.required(parameters.SERVER_CERTIFICATE_NAME)
        keys = request.required_tag_keys()
    store.untag(name, keys)


def _list_tags(request: Request, store: ServerCertificateStore) -> str:
    with request:
        name = request.required(parameters.SERVER_CERTIFICATE_NAME)
        marker = request.optional(parameters.MARKER)
        max_items = request.max_items()
    found = store.list_tags(name, marker=marker, max_items=max_items)
    return wire.tags_element(found.items) + wire.page_elements(found.marker)


ACTIONS: Mapping[str, Callable[[Request, ServerCertificateStore], str | None]] = {
    "UploadServerCertificate": _upload,
    "GetServerCertificate": _get,
    "ListServerCertificates": _list,
    "UpdateServerCertificate": _update,
    "DeleteServerCertificate": _delete,
    "TagServerCertificate": _tag,
    "UntagServerCertificate": _untag,
    "ListServerCertificateTags": _list_tags,
}

"""Errors about taken names and failed adoptions, with their fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.contract.ownership import LOGICAL_ID_TAG, STACK_ID_TAG
from server_certificate.fingerprint import sha256_fingerprint
from server_certificate.rules.tags import MAX_TAGS
from server_certificate_handler.errors import AdoptionRefusedError, NameTakenError

if TYPE_CHECKING:
    from server_certificate.material import PublicMaterial
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.stored import StoredCertificate

_FINGERPRINT_DIGITS = len("AA:BB:CC:DD")
"""Enough to distinguish the certificates of two chains."""


def name_taken(
    holder: StoredCertificate, desired: Desired, public: PublicMaterial | None
) -> NameTakenError:
    """Return the error that explains who has the name, and how to get it."""
    stack = holder.tags.get(STACK_ID_TAG)
    resource = holder.tags.get(LOGICAL_ID_TAG)
    fix = "Choose a different server_certificate_name, or omit it to generate a unique one."
    if desired.belongs_to_sibling(holder):
        whose = f"it belongs to the resource {resource} of this stack"
        if public is not None and holder.has_content(public):
            fix += (
                " It has the same content. If you have moved the construct, deploy the move on its"
                f" own first, with the path '{holder.path}' and the existing tags, and then deploy"
                " the other changes."
            )
        else:
            fix += (
                f" A name can't be transferred within one deployment: deploy first with {resource}"
                " renamed or removed, and then again with this certificate."
            )
        fix += (
            f" If {resource} is no longer in the template, because it was retained, release its"
            f" certificate: server-certificate release {holder.name}. Then deploy again with"
            " adopt_existing=True."
        )
    elif holder.is_adopted and desired.owner.owns(holder.tags):
        whose = "it existed before this operation, which adopted it and is being rolled back"
        fix = "Rename it, and continue the rollback."
    elif stack:
        whose = f"it belongs to the resource {resource} of the stack {stack}"
        fix += (
            " If that stack was deleted or no longer has it, release the certificate: server-certificate release"
            f" {holder.name} (or: aws iam untag-server-certificate --server-certificate-name"
            f" {holder.name} --tag-keys {STACK_ID_TAG}). Then "
            + (
                "deploy again to adopt it."
                if desired.adopts
                else "set adopt_existing=True to adopt it, and deploy again."
            )
        )
    else:
        whose = "its tags don't name a stack as its owner"
        if public is not None and holder.has_content(public):
            fix += (
                " This resource already has a certificate with the same content, so it can't adopt"
                f" another one. If nothing uses {holder.certificate_id}, delete it, and this"
                " resource's own certificate gets the name."
                if desired.adopts
                else (
                    " Its certificate and chain are the declared ones. To adopt it and keep its ID,"
                    " set adopt_existing=True."
                )
            )
    return NameTakenError(
        f"The name '{holder.name}' is taken by the certificate {holder.certificate_id} ({holder.arn}); {whose}."
        f" It was not changed. {fix}"
    )


def check_adoption(holder: StoredCertificate, desired: Desired, public: PublicMaterial) -> None:
    """
    Check that a certificate matches the declared one, as for a CloudFormation import.

    Raises:
        AdoptionRefusedError: Its content or its path differs.
    """
    refused = f"The certificate {holder.certificate_id} ({holder.arn}) can't be adopted:"
    if not holder.has_content(public):
        raise AdoptionRefusedError(
            f"{refused} {_difference(holder.public, public)}. It was not changed. Declare the"
            f" certificate and the chain that IAM stores (server-certificate show {holder.name}),"
            " deploy, and declare the new ones in the next deployment. Or remove adopt_existing and"
            " choose a different server_certificate_name."
        )
    if holder.path != desired.path:
        raise AdoptionRefusedError(
            f"{refused} its path is '{holder.path}', but the declared path is '{desired.path}'. It was"
            f" not changed. Declare path='{holder.path}', or move the certificate first: aws iam"
            f" update-server-certificate --server-certificate-name {holder.name} --new-path"
            f" {desired.path}"
        )


def check_room(holder: StoredCertificate, number: int) -> None:
    """
    Check that a certificate doesn't exceed the limit of tags after its adoption.

    Args:
        holder: The certificate.
        number: The number of tags that it would have.

    Raises:
        AdoptionRefusedError: IAM doesn't accept that many tags.
    """
    if number > MAX_TAGS:
        raise AdoptionRefusedError(
            f"The certificate {holder.certificate_id} ({holder.arn}) can't be adopted: it has"
            f" {len(holder.tags)} tag{'' if len(holder.tags) == 1 else 's'}, and with the declared"
            f" tags and the ownership tags it would have {number}, but IAM accepts {MAX_TAGS}."
            f" Remove {number - MAX_TAGS} of its tags, or exclude the certificate from some with"
            " Tags.of(…).remove(…), and deploy again."
        )


def _difference(held: PublicMaterial | None, declared: PublicMaterial) -> str:
    if held is None:
        return "the content that IAM stores under its name is not an X.509 certificate"
    if held.der[0] != declared.der[0]:
        return (
            f"the SHA-256 fingerprint of its leaf is {sha256_fingerprint(held.certificate)}, but"
            f" that of the declared one is {sha256_fingerprint(declared.certificate)}"
        )
    return (
        f"its leaf is the declared one, but its chain is {_chain(held)}, and the declared chain is"
        f" {_chain(declared)}"
    )


def _chain(material: PublicMaterial) -> str:
    if not material.chain:
        return "empty"
    return ", then ".join(
        f"'{element.subject.rfc4514_string()}' ({sha256_fingerprint(element)[:_FINGERPRINT_DIGITS]}…)"
        for element in material.chain
    )

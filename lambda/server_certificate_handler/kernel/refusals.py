"""Why a name can't be had, or a certificate not be adopted, and what would help."""

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
"""Enough for a person to tell the elements of two chains apart."""


def name_taken(
    holder: StoredCertificate, want: Desired, public: PublicMaterial | None
) -> NameTakenError:
    """Explain whose certificate has the name, and how the name can be had."""
    stack = holder.tags.get(STACK_ID_TAG)
    resource = holder.tags.get(LOGICAL_ID_TAG)
    fix = "Choose another server_certificate_name, or leave it out to have a unique one generated."
    if want.is_neighbour(holder):
        whose = f"it belongs to the resource {resource} of this stack"
        if public is not None and holder.has_content(public):
            fix += (
                " It has the same content. If you have moved the construct, deploy the move alone first, with the path"
                f" '{holder.path}' and the tags that it has, and then what else has changed."
            )
        else:
            fix += (
                f" A name can't be passed on within one deployment: deploy once with {resource} under another name or"
                " removed, and then once more with this certificate."
            )
    elif holder.is_adopted and want.owner.owns(holder.tags):
        whose = "it was there before this operation, which had adopted it and is undone"
        fix = "Give it another name, and continue the rollback."
    elif stack:
        whose = f"it belongs to the resource {resource} of the stack {stack}"
        fix += (
            " If that stack is gone and has left the certificate behind, delete it, or remove its tag"
            f" '{STACK_ID_TAG}' and adopt it (adopt_existing=True)."
        )
    else:
        whose = "its tags name no stack that owns it"
        if public is not None and holder.has_content(public):
            fix += (
                " This resource holds a certificate with the same content already, so it adopts no other. If nothing"
                f" uses {holder.certificate_id}, delete it; this resource's own certificate then gets the name."
                if want.adopts
                else " It has the certificate and the chain that are declared here: with adopt_existing=True it is"
                " adopted as it is, and keeps its id."
            )
    return NameTakenError(
        f"The name '{holder.name}' is taken by the certificate {holder.certificate_id} ({holder.arn}); {whose}."
        f" It was not changed. {fix}"
    )


def check_adoption(holder: StoredCertificate, want: Desired, public: PublicMaterial) -> None:
    """
    Check that a certificate is what is declared, as an import of CloudFormation demands.

    Raises:
        AdoptionRefusedError: It has another content, another path, or no room for the tags.
    """
    refused = f"The certificate {holder.certificate_id} ({holder.arn}) can't be adopted:"
    if not holder.has_content(public):
        raise AdoptionRefusedError(
            f"{refused} {_difference(holder.public, public)}. It was not changed. Declare the certificate and the chain"
            f" that IAM holds (server-certificate show {holder.name}), deploy, and declare the new ones in the"
            " deployment after that; or remove adopt_existing and choose another server_certificate_name."
        )
    if holder.path != want.path:
        raise AdoptionRefusedError(
            f"{refused} its path is '{holder.path}', the declared one '{want.path}'. It was not changed. Declare"
            f" path='{holder.path}', or move it first: aws iam update-server-certificate"
            f" --server-certificate-name {holder.name} --new-path {want.path}"
        )


def check_room(holder: StoredCertificate, number: int) -> None:
    """
    Check that a certificate has room for the tags that an adoption adds.

    Args:
        holder: The certificate.
        number: How many tags it would have.

    Raises:
        AdoptionRefusedError: They are more than IAM takes.
    """
    if number > MAX_TAGS:
        raise AdoptionRefusedError(
            f"The certificate {holder.certificate_id} ({holder.arn}) can't be adopted: it has {len(holder.tags)} tags,"
            f" and with the declared ones and those that say whose it is it would have {number}; IAM takes {MAX_TAGS}."
            f" Remove {number - MAX_TAGS} of its tags, or exclude the certificate from some with Tags.of(…).remove(…),"
            " and deploy again."
        )


def _difference(held: PublicMaterial | None, declared: PublicMaterial) -> str:
    if held is None:
        return "IAM holds something under its name that is not an X.509 certificate"
    if held.der[0] != declared.der[0]:
        return (
            f"its leaf has the SHA-256 fingerprint {sha256_fingerprint(held.certificate)},"
            f" the declared one {sha256_fingerprint(declared.certificate)}"
        )
    return (
        f"its leaf is the declared one, but its chain is {_chain(held)}, and the declared one"
        f" {_chain(declared)}"
    )


def _chain(material: PublicMaterial) -> str:
    if not material.chain:
        return "empty"
    return ", then ".join(
        f"'{element.subject.rfc4514_string()}' ({sha256_fingerprint(element)[:_FINGERPRINT_DIGITS]}…)"
        for element in material.chain
    )

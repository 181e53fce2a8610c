"""Store a chain that is too long for the template in S3, as an asset of the app."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aws_cdk import Stage
from aws_cdk import aws_s3_assets as assets

from cdk_iam_server_certificate.permissions import Permission
from server_certificate.contract.properties import Property
from server_certificate.contract.sources import Source as Key

if TYPE_CHECKING:
    from constructs import Construct

MAX_TEXT_IN_TEMPLATE: Final = 16_384
"""
The maximum length of a chain in the template, about a dozen certificates. A template can have 1 MB, an
event contains the old and the new chain, and IAM accepts chains of up to 2 MiB."""


def in_template_or_asset(
    scope: Construct, parts: dict[Property, dict[str, str]]
) -> tuple[dict[Property, dict[str, str]], tuple[Permission, ...]]:
    """Return the parts, with a long chain moved to an asset, and the permissions to read the asset."""
    chain = parts.get(Property.CERTIFICATE_CHAIN, {}).get(Key.TEXT.value, "")
    if len(chain) <= MAX_TEXT_IN_TEMPLATE:
        return parts, ()
    asset = assets.Asset(scope, "CertificateChain", path=str(_written(scope, chain)))
    source = {
        Key.BUCKET_NAME.value: asset.s3_bucket_name,
        Key.OBJECT_KEY.value: asset.s3_object_key,
    }
    read = Permission(
        sid="ReadObjects",
        actions=("s3:GetObject",),
        resource=asset.bucket.arn_for_objects(asset.s3_object_key),
    )
    return parts | {Property.CERTIFICATE_CHAIN: source}, (read,)


def _written(scope: Construct, chain: str) -> Path:
    """Write the chain next to the assets, to be staged from there. It is as public as the assets."""
    stage = Stage.of(scope)
    assert stage is not None, "every construct that is synthesized is in a stage"  # noqa: S101
    digest = hashlib.sha256(chain.encode()).hexdigest()
    path = Path(stage.asset_outdir) / f"certificate-chain.{digest}.pem"
    path.write_text(chain, encoding="ascii")
    return path

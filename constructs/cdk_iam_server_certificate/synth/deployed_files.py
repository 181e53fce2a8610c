"""Find the local files that an app deploys as S3 objects."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Stage

from cdk_iam_server_certificate.synth.stage_resources import DEPLOYMENT, property_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import CfnResource, Stack
    from aws_cdk import aws_s3_assets as assets
    from constructs import IConstruct

    from cdk_iam_server_certificate.synth.stage_resources import StageResources


def deployed_by(
    bucket: str, key: str, resources: StageResources, stack: Stack
) -> Iterator[IConstruct]:
    """
    Yield what deploys an object: an ``Asset``, or the resource of a ``BucketDeployment``.

    Args:
        bucket: The bucket's name, which can be a token.
        key: The object's key, which can be a token.
        resources: The resources of the stage.
        stack: The stack of the certificate.
    """
    if not resources.assets:
        return
    resolve = stack.resolve
    wanted = resolve(key)
    for asset in resources.assets:
        if asset.s3_object_key in (key, wanted):
            yield asset
    referred = (*resources.referred_to(key, stack), *resources.referred_to(bucket, stack))
    for deployment in resources.of(DEPLOYMENT):
        is_key_of_it = deployment in resources.referred_to(key, stack)
        if is_key_of_it or (
            (
                deployment in referred
                or property_of(deployment, "DestinationBucketName") == resolve(bucket)
            )
            and _contains(deployment, wanted, resources)
        ):
            yield deployment


def _contains(deployment: CfnResource, key: object, resources: StageResources) -> bool:
    """Return whether the files of a deployment include an object."""
    if not isinstance(key, str):
        return True
    prefix = property_of(deployment, "DestinationBucketKeyPrefix") or ""
    name = key.removeprefix(f"{str(prefix).strip('/')}/" if prefix else "")
    sources = property_of(deployment, "SourceObjectKeys") or []
    return any(
        name in _files_of(asset) for asset in resources.assets if asset.s3_object_key in sources
    )


def _files_of(asset: assets.Asset) -> set[str]:
    stage = Stage.of(asset)
    path = Path(stage.asset_outdir if stage else ".") / asset.asset_path
    if path.is_dir():
        return {each.relative_to(path).as_posix() for each in path.rglob("*") if each.is_file()}
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return {*archive.namelist()}
    return set()

"""The function's code as an asset: hashed by content, staged without Docker or pip."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

from cdk_iam_server_certificate.provider.function_files import function_files


def handler_code(
    architecture: lambda_.Architecture, runtime: lambda_.Runtime, *, with_bytecode: bool
) -> lambda_.Code:
    """
    Return the code of the function, with everything that it needs, for an architecture and a runtime.

    The asset's hash depends only on the names and contents of files. Two checkouts, or a checkout and
    an installed package, give the same template.

    Raises:
        HandlerCodeError: A part of the function is not installed.
    """
    copy = _Copy(architecture.name, runtime.name, with_bytecode=with_bytecode)
    return lambda_.Code.from_asset(
        # Any folder that exists: the content of the asset is copied below.
        str(Path(__file__).parent),
        asset_hash=copy.digest(),
        asset_hash_type=AssetHashType.CUSTOM,
        bundling=BundlingOptions(
            # Never pulled: the local bundling below always succeeds or raises.
            image=DockerImage.from_registry("scratch"),
            local=copy,
        ),
    )


@jsii.implements(ILocalBundling)
class _Copy:
    """
    Writes the function's files into an asset.

    It reads the files again each time rather than keeping them: an app may have a hundred functions.
    """

    def __init__(self, architecture: str, runtime: str, *, with_bytecode: bool) -> None:
        self._files = functools.partial(
            function_files, architecture, runtime, with_bytecode=with_bytecode
        )

    def digest(self) -> str:
        digest = hashlib.sha256()
        for name, content in sorted(self._files().items()):
            digest.update(hashlib.sha256(name.encode()).digest())
            digest.update(hashlib.sha256(content).digest())
        return digest.hexdigest()

    def try_bundle(self, output_dir: str, options: object = None, **_: Any) -> bool:  # noqa: ANN401, ARG002 (jsii's signature)
        files = {Path(output_dir) / name: content for name, content in self._files().items()}
        for folder in {path.parent for path in files}:
            folder.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            path.write_bytes(content)
            # Lambda runs as a user who doesn't own the files, so the umask here must not matter.
            path.chmod(0o644)
        return True

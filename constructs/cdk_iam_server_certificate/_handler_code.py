"""The function's code: found where it is installed, hashed by content, staged without Docker or pip."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGES = ("server_certificate", "server_certificate_handler")
_DEPENDENCIES = Path(__file__).parent / "_lambda_dependencies"
_NOT_STAGED = shutil.ignore_patterns("__pycache__", "*.pyc", "py.typed", "requirements.*")

HANDLER = "server_certificate_handler.handler.on_event"


class HandlerCodeError(RuntimeError):
    """The installation lacks a part of the function."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A directory and the name under which it stands in the asset; empty for the top."""

    name: str
    directory: Path

    def files(self) -> Iterator[tuple[str, Path]]:
        for path in sorted(self.directory.rglob("*")):
            if path.is_file() and not _is_left_out(path):
                relative = path.relative_to(self.directory).as_posix()
                yield (f"{self.name}/{relative}" if self.name else relative), path


def handler_code(architecture: lambda_.Architecture) -> lambda_.Code:
    """
    Return the code of the function with its dependencies for an architecture.

    The asset's hash depends on names and contents of files alone, so that two checkouts, or a
    checkout and an installed package, give the same template.

    Raises:
        HandlerCodeError: A package or the dependencies are not installed.
    """
    parts = (*(_package(name) for name in _PACKAGES), _dependencies(architecture))
    digest = hashlib.sha256()
    for part in parts:
        for name, path in part.files():
            digest.update(hashlib.sha256(name.encode()).digest())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return lambda_.Code.from_asset(
        str(parts[0].directory),
        asset_hash=digest.hexdigest(),
        asset_hash_type=AssetHashType.CUSTOM,
        bundling=BundlingOptions(
            # Never pulled: the local bundling below always succeeds or raises.
            image=DockerImage.from_registry("scratch"),
            local=_Copy(parts),
        ),
    )


@jsii.implements(ILocalBundling)
class _Copy:
    def __init__(self, parts: tuple[_Part, ...]) -> None:
        self._parts = parts

    def try_bundle(self, output_dir: str, options: object = None, **_: Any) -> bool:  # noqa: ANN401, ARG002 (jsii's signature)
        for part in self._parts:
            shutil.copytree(
                part.directory,
                Path(output_dir) / part.name,
                ignore=_NOT_STAGED,
                dirs_exist_ok=True,
            )
        return True


def _package(name: str) -> _Part:
    # Finding a package does not import it: the construct never runs the handler.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise HandlerCodeError(
            f"the package '{name}', which the function consists of, is not installed;"
            " install cdk-iam-server-certificate again."
        )
    return _Part(name, Path(spec.submodule_search_locations[0]))


def _dependencies(architecture: lambda_.Architecture) -> _Part:
    directory = _DEPENDENCIES / architecture.name
    if not (directory / "cryptography").is_dir():
        raise HandlerCodeError(
            f"the function's dependencies for {architecture.name} are not installed ('{directory}' lacks them);"
            " install cdk-iam-server-certificate again, or run 'make setup' in a checkout."
        )
    return _Part("", directory)


def _is_left_out(path: Path) -> bool:
    return "__pycache__" in path.parts or bool(_NOT_STAGED(str(path.parent), [path.name]))

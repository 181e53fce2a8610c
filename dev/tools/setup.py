"""
Set up everything that works on this project, inside `.venv` and nowhere else.

Each step leaves a stamp: a hash of what went in. A step whose stamp still fits is skipped, one that was
interrupted has no stamp and is done again. Run it as `make setup`.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dev import ROOT
from dev.tools import installers, lambda_bytecode, nodejs
from dev.tools.commands import SetupError, explain
from dev.tools.distributions import DISTRIBUTIONS
from dev.tools.installers import CDK_CLI, LAUNCHERS, VENV
from dev.tools.lambda_dependencies import LOCK, TARGET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

STAMPS = VENV / "stamps"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """
    One thing to set up.

    Attributes:
        name: What a person reads while it runs.
        action: Does it, again if need be.
        inputs: Files that it is made from: a change in one repeats the step.
        output: What it leaves: the step is repeated when that is gone.
    """

    name: str
    action: Callable[[], None]
    inputs: tuple[Path, ...] = ()
    output: Path

    @property
    def stamp(self) -> Path:
        """Where the hash of the inputs is kept."""
        return STAMPS / self.name.replace(" ", "-")

    def fingerprint(self) -> str:
        """Hash the inputs, the version of Python and the place, which installed scripts name."""
        digest = hashlib.sha256(f"{installers.PYTHON_VERSION} {VENV}".encode())
        for path in self.inputs:
            digest.update(f"{path.name} ".encode() + hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def is_done(self) -> bool:
        """Return whether the step was finished with these inputs and its output is still there."""
        with contextlib.suppress(FileNotFoundError):
            return self.stamp.read_text() == self.fingerprint() and self.output.exists()
        return False

    def run(self) -> None:
        """Do it and stamp it; a step that is interrupted has no stamp."""
        self.stamp.unlink(missing_ok=True)
        # Taken first: a change while it is done repeats it.
        fingerprint = self.fingerprint()
        self.action()
        STAMPS.mkdir(exist_ok=True)
        self.stamp.write_text(fingerprint)


STEPS = (
    Step(
        name="Python environment",
        action=installers.create_environment,
        output=VENV / "bin/python",
    ),
    Step(
        name="Python packages and Node",
        action=installers.install_packages,
        inputs=(installers.PACKAGES_LOCK,),
        output=VENV / "bin/node",
    ),
    Step(
        name="this project",
        action=installers.install_project,
        inputs=tuple(each.pyproject for each in DISTRIBUTIONS),
        output=VENV / "bin/python",
    ),
    Step(
        name="CDK CLI",
        action=installers.install_cdk,
        inputs=(*(CDK_CLI / name for name in nodejs.MANIFESTS), LAUNCHERS / "cdk"),
        output=VENV / "cdk-cli/node_modules/aws-cdk",
    ),
    Step(
        name="AWS CLI",
        action=installers.install_aws_cli,
        inputs=(installers.AWS_CLI_LOCK, LAUNCHERS / "aws"),
        output=VENV / "bin/aws",
    ),
    Step(
        name="Lambda dependencies",
        action=installers.build_lambda_dependencies,
        inputs=(LOCK, ROOT / "dev/tools/lambda_dependencies.py"),
        output=TARGET / "inputs.sha256",
    ),
    Step(
        name="Pythons of Lambda",
        action=installers.install_pythons,
        inputs=tuple(lambda_bytecode.PACKAGES / name for name in nodejs.MANIFESTS),
        output=installers.PYTHONS / "node_modules",
    ),
    Step(
        name="Lambda bytecode",
        action=installers.build_lambda_bytecode,
        inputs=(*lambda_bytecode.TOOLS, *lambda_bytecode.own_sources().values()),
        output=lambda_bytecode.STAMP,
    ),
)


def main() -> int:
    """Do what isn't done yet, a line a step, and return the exit status."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    os.environ.update(installers.SETTINGS)
    try:
        refuse_shared_environment(VENV)
        with alone():
            for step in STEPS:
                if not step.is_done():
                    show(step)
    except SetupError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"\nThe set-up can't go on: {explain(str(error))}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted. `make setup` goes on where it stopped.\n")
        return 130
    sys.stdout.write("Everything is set up.\n")
    return 0


def refuse_shared_environment(environment: Path) -> None:
    """Raise SetupError for an environment that belongs to another checkout: it would be emptied."""
    if environment.is_symlink():
        raise SetupError(
            f"'{environment}' is a link to '{environment.resolve()}', which may belong to another"
            " checkout. Remove the link, then run `make setup` again."
        )


def show(step: Step) -> None:
    """Run one step and print its name and how long it took."""
    started = time.monotonic()
    sys.stdout.write(f"  {step.name} ... ")
    sys.stdout.flush()
    step.run()
    sys.stdout.write(f"{time.monotonic() - started:.1f} s\n")
    sys.stdout.flush()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let one set-up at a time work on this checkout; a second one waits, then finds it done."""
    VENV.mkdir(exist_ok=True)
    with (VENV / "setup.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())

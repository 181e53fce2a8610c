"""The function from a cold start: one Create in its own process, compared with a bare upload."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dev.benchmarks.cold_create import ColdCreate
from dev.benchmarks.peer import NAME, Peer
from dev.benchmarks.processes import FailedError
from dev.benchmarks.rows import Result, Row, milliseconds
from dev.benchmarks.turns import by_turns, median_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dev.benchmarks.cold_create import Requester
    from dev.benchmarks.processes import Measurement

_ROUNDS = 21
_TIMES = 1.3
_NO_TARGET = "none"

# The minimum that uploads a certificate to IAM from Python.
_FLOOR = """
import sys
from pathlib import Path
import boto3
folder = Path(sys.argv[1])
boto3.client("iam").upload_server_certificate(
    ServerCertificateName="cold",
    CertificateBody=(folder / "certificate.pem").read_text(),
    CertificateChain=(folder / "certificate-chain.pem").read_text(),
    PrivateKey=(folder / "private-key.pem").read_text(),
)
"""

_IMPORTS = """
import sys
sys.path.insert(0, sys.argv[1])
import server_certificate_handler.entry
"""
_IMPORTED = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\w+)", re.MULTILINE)
_GROUPS = {
    "server_certificate": "the function's own",
    "server_certificate_handler": "the function's own",
    "cryptography": "cryptography",
    "_cffi_backend": "cryptography",
    "crhelper": "crhelper",
    "botocore": "botocore",
    "jmespath": "botocore",
    "dateutil": "botocore",
    "six": "botocore",
    "urllib3": "urllib3",
}
_STANDARD = "the standard library"


def run(*, rounds: int = _ROUNDS) -> Result:
    """
    Measure.

    Args:
        rounds: How often each way is measured.

    Raises:
        FailedError: The construct for the comparison couldn't be installed.
    """
    with ColdCreate.prepared() as function, tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare"
        shutil.copytree(function.code, bare, ignore=shutil.ignore_patterns("__pycache__"))
        without = replace(function, code=bare)
        peer = Peer.prepared(function.requester, Path(folder))
        ways: dict[str, Callable[[], Measurement]] = {
            "function": function.run,
            "without": without.run,
            "minimum": lambda: _minimum(function.requester),
            "peer": peer.run,
        }
        measured = by_turns(ways, rounds)
        imports = _imports(function.code, rounds)
    medians = {name: median_seconds(measurements) for name, measurements in measured.items()}
    return Result(
        title="From cold",
        method=(
            f"Median of {rounds} rounds, in turn, each from the start of a process to its end: one "
            "Create with an RSA 2048 leaf and two intermediates and the key in a secret, in the "
            "local cloud, by the staged function, with bytecode like its asset for Lambda's "
            "Python. It reads the secret, checks certificate and key, uploads them, asks "
            "CloudFormation whether it still waits, and answers. The minimum only uploads: "
            f'`import boto3; boto3.client("iam").upload_server_certificate(…)`. {NAME} has two '
            "functions, which run one after the other: the CDK's provider framework, which here "
            "calls a warm stand-in, and the handler that reads secrets and uploads. The last rows "
            "show the parts of importing the function, by `python -X importtime`, which slows "
            "down all of them."
        ),
        rows=(*_rows(medians), *_import_rows(imports)),
    )


def _minimum(requester: Requester) -> Measurement:
    return requester.upload((sys.executable, "-P", "-c", _FLOOR, str(requester.material)))


def _rows(medians: dict[str, float]) -> Iterator[Row]:
    function, minimum, peer = medians["function"], medians["minimum"], medians["peer"]
    yield Row(
        what="a cold Create",
        measured=milliseconds(function),
        against=f"the minimum: {milliseconds(minimum)}",
        ratio=function / minimum,
        target=f"at most {_TIMES} times",
        is_met=function <= _TIMES * minimum,
    )
    yield Row(
        what="the same",
        measured=milliseconds(function),
        against=f"{NAME}: {milliseconds(peer)}",
        ratio=function / peer,
        target="less",
        is_met=function < peer,
    )
    yield Row(
        what="the same without bytecode",
        measured=milliseconds(medians["without"]),
        against=f"with it: {milliseconds(function)}",
        ratio=medians["without"] / function,
        target=_NO_TARGET,
        is_met=True,
    )


def _imports(code: Path, rounds: int) -> dict[str, float]:
    """Return the seconds that importing the function spends on each group of modules."""
    profiles = [_profile(code) for _ in range(rounds)]
    groups = {*_GROUPS.values(), _STANDARD}
    return {group: statistics.median(each[group] for each in profiles) for group in groups}


def _profile(code: Path) -> dict[str, float]:
    command = (sys.executable, "-P", "-X", "importtime", "-c", _IMPORTS, str(code))
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    if result.returncode:
        raise FailedError(f"The function can't be imported:\n{result.stderr}")
    spent: Counter[str] = Counter()
    for microseconds, package in _IMPORTED.findall(result.stderr):
        spent[_GROUPS.get(package, _STANDARD)] += int(microseconds)
    return {group: microseconds / 1e6 for group, microseconds in spent.items()}


def _import_rows(imports: dict[str, float]) -> Iterator[Row]:
    total = sum(imports.values())
    for group, seconds in sorted(imports.items(), key=lambda each: -each[1]):
        yield Row(
            what=f"imports: {group}",
            measured=milliseconds(seconds),
            against=f"all imports: {milliseconds(total)}",
            ratio=seconds / total,
            target=_NO_TARGET,
            is_met=True,
        )

"""
Search for input that breaks the readers.

    python -m dev.fuzzing --seconds 300      searches, and stops at the first input that breaks something
    python -m dev.fuzzing FILE ...           tries saved inputs again
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from pathlib import Path

from dev.fuzzing.mutation import mutate

_LONGEST = 16_384
_MEMORY = 1_024
"""In MiB, for the fuzzer and everything that it has learned."""


def main() -> int:
    """Search, or try files again; the exit code is 1 if something broke."""
    parser = argparse.ArgumentParser(
        prog="python -m dev.fuzzing", description="Search for input that breaks the readers."
    )
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="try these inputs again"
    )
    parser.add_argument("--seconds", type=int, default=300, help="the time limit. Default: 300")
    parser.add_argument(
        "--seed", type=int, default=0, help="the random seed. Default: another each time"
    )
    parser.add_argument(
        "--findings",
        type=Path,
        default=Path("build/fuzzing"),
        metavar="DIR",
        help="where to save input that breaks something. Default: build/fuzzing",
    )
    chosen = parser.parse_args()
    if chosen.files:
        return _again(chosen.files)
    return _search(chosen.seconds, chosen.seed, chosen.findings)


def _again(files: list[Path]) -> int:
    from dev.fuzzing.seeds import bystanders  # noqa: PLC0415 (the search imports it under its eyes)
    from dev.fuzzing.trial import try_out  # noqa: PLC0415

    others = bystanders()
    for file in files:
        try_out(file.read_bytes(), others)
        sys.stdout.write(f"{file}: holds\n")
    return 0


def _search(seconds: int, seed: int, findings: Path) -> int:
    try:
        # In its own virtual environment, and without type information.
        import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]  # noqa: PLC0415
    except ImportError:
        sys.stderr.write(
            "atheris is missing: run 'make fuzz', which installs it into its own virtual environment.\n"
        )
        return 2
    with atheris.instrument_imports(include=["server_certificate"]):
        from dev.fuzzing.seeds import bystanders, seeds  # noqa: PLC0415 (only now, to be watched)
        from dev.fuzzing.trial import try_out  # noqa: PLC0415
    others = bystanders()
    findings.mkdir(parents=True, exist_ok=True)

    def test(octets: bytes) -> None:
        try_out(octets, others)

    def change(octets: bytes, max_size: int, seed: int) -> bytes:
        return mutate(octets, max_size, seed, atheris.Mutate)

    with tempfile.TemporaryDirectory() as corpus:
        for content in seeds():
            Path(corpus, hashlib.sha256(content).hexdigest()).write_bytes(content)
        options = {
            "max_total_time": seconds,
            "max_len": _LONGEST,
            "rss_limit_mb": _MEMORY,
            "timeout": 30,  # the trial itself is stricter, and measures processor time
            "seed": seed,
            "print_final_stats": 1,
            "artifact_prefix": f"{findings}/",
        }
        arguments = [f"-{name}={value}" for name, value in options.items()]
        atheris.Setup([sys.argv[0], *arguments, corpus], test, custom_mutator=change)
        atheris.Fuzz()  # ends the process
    return 0


if __name__ == "__main__":
    sys.exit(main())

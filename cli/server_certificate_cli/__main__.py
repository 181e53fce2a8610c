"""What ``server-certificate`` and ``python -m server_certificate_cli`` run."""

import sys
from importlib.util import find_spec

_NEEDED = ("click", "rich", "boto3")
_WRONG_USAGE = 2


def main() -> None:
    """Run the command, or say what to install: without its extra, the package has the checks alone."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"Error: server-certificate needs {_joined(missing)}, which"
            f" {'is' if len(missing) == 1 else 'are'} not installed; run"
            ' pip install "iam-server-certificate[cli]".\n'
        )
        sys.exit(_WRONG_USAGE)
    from server_certificate_cli.main import main as run  # noqa: PLC0415 - imports what may be missing

    run()


def _joined(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


if __name__ == "__main__":
    main()

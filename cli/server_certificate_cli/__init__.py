"""The command ``server-certificate``: check, inspect, convert, store, list and show certificates."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - pip refuses an older one, a copied folder doesn't
    raise ImportError(
        "iam-server-certificate needs Python 3.11 or later; this is %d.%d.%d. Make a virtual"  # noqa: UP031 - the old one reads this
        " environment of a newer one (python3.14 -m venv .venv), and install it in there."
        % sys.version_info[:3]
    )

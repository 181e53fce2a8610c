"""The names of everything that the demo creates."""

from __future__ import annotations

import re
from dataclasses import dataclass


def begins_with(name: str, prefix: str) -> bool:
    """Whether a name has a prefix; the CDK leaves the hyphens of a stack out of generated names."""
    return name.replace("-", "").startswith(prefix.replace("-", ""))


@dataclass(frozen=True, slots=True)
class Names:
    """
    The names, which can share a prefix.

    Attributes:
        prefix: What each name begins with; default: nothing.
        region: The Region, which generated names contain.
    """

    prefix: str = ""
    region: str = "eu-central-1"

    @property
    def stack(self) -> str:
        """The stack."""
        return f"{self.prefix}Certificates"

    @property
    def explicit(self) -> str:
        """The certificate, when the app declares a name."""
        return f"{self.prefix}www-example-com"

    @property
    def foreign(self) -> str:
        """Somebody else's certificate."""
        return f"{self.prefix}uploaded-by-hand"

    def secret(self, material: str) -> str:
        """Return the name of the secret with a private key."""
        return f"{self.prefix}{material}/private-key"

    @property
    def bundle(self) -> str:
        """The secret with a bundle."""
        return f"{self.prefix}bundle"

    def is_generated(self, name: str) -> bool:
        """Whether a certificate's name is a generated one."""
        generated = re.fullmatch(f".*Certificate.*-{re.escape(self.region)}-[0-9a-f]{{16}}", name)
        return bool(generated) and begins_with(name, self.stack)

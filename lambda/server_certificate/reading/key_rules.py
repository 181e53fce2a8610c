"""The rules about private keys and bundles that are unsupported or not trustworthy."""

from __future__ import annotations

from server_certificate.findings import Rule, Severity

KEY_UNSUPPORTED = Rule(
    code="key-unsupported",
    severity=Severity.ERROR,
    why="The private key is intact, but of an unsupported type that no server certificate in IAM is"
    " known to have: RSA with more than two primes, ML-DSA, Diffie-Hellman, or EC with an unnamed"
    " curve.",
    fix="Create an RSA or EC key, for example with `openssl genpkey -algorithm EC -pkeyopt"
    " ec_paramgen_curve:P-256 -out private-key.pem`, and request a certificate for it.",
    source="Elastic Load Balancing user guides, Server certificates",
)
ENCRYPTION_UNSUPPORTED = Rule(
    code="encryption-unsupported",
    severity=Severity.ERROR,
    why="The encryption is not supported. The passphrase may be correct.",
    fix="Decrypt it with the tool that encrypted it, such as openssl, and provide the result.",
    source="RFC 8018; RFC 7292",
)
BUNDLE_CHANGED = Rule(
    code="bundle-changed",
    severity=Severity.ERROR,
    why="The passphrase decrypts the bundle, but its message authentication code (MAC) doesn't"
    " match the content: the bundle was damaged in transit, or somebody modified it.",
    fix="Get the bundle from its source again, and find out what modified it.",
    source="RFC 7292, 5.1",
)
BUNDLE_NOT_ENCRYPTED = Rule(
    code="bundle-not-encrypted",
    severity=Severity.ERROR,
    why="A passphrase was given, but the private key in the bundle is neither encrypted with it nor"
    " protected by a MAC. Anyone who can write to the bundle can replace the key.",
    fix="Provide the bundle that the passphrase belongs to, or omit the passphrase.",
    source="RFC 7292, 3.1",
    acknowledged="The passphrase is not used.",
)
RULES = (
    KEY_UNSUPPORTED,
    ENCRYPTION_UNSUPPORTED,
    BUNDLE_CHANGED,
    BUNDLE_NOT_ENCRYPTED,
)

"""The rules about private keys and bundles that can't be read, or that nobody vouches for."""

from __future__ import annotations

from server_certificate.findings import Rule, Severity

KEY_UNSUPPORTED = Rule(
    code="key-unsupported",
    severity=Severity.ERROR,
    why="The key itself is fine, but it is of a kind that is not supported, and that no server"
    " certificate in IAM is known to have: RSA with more than two primes, ML-DSA, Diffie-Hellman,"
    " a curve without a name.",
    fix="Create an RSA or EC key, such as by `openssl genpkey -algorithm EC -pkeyopt"
    " ec_paramgen_curve:P-256 -out private-key.pem`, and have the certificate issued for it.",
    source="Elastic Load Balancing user guides, Server certificates",
)
ENCRYPTION_UNSUPPORTED = Rule(
    code="encryption-unsupported",
    severity=Severity.ERROR,
    why="It is encrypted in a way that is not supported. The passphrase may well be right.",
    fix="Decrypt it with the tool that encrypted it, such as openssl, and give the result.",
    source="RFC 8018; RFC 7292",
)
BUNDLE_CHANGED = Rule(
    code="bundle-changed",
    severity=Severity.ERROR,
    why="The passphrase opens the bundle, but the message authentication code (MAC) does not match"
    " the content: the bundle was damaged in transit, or somebody changed it.",
    fix="Get the bundle again from where it was created, and find out what changed it.",
    source="RFC 7292, 5.1",
)
BUNDLE_NOT_ENCRYPTED = Rule(
    code="bundle-not-encrypted",
    severity=Severity.ERROR,
    why="A passphrase was given, but the private key in the bundle is neither encrypted with it"
    " nor protected by a MAC. Anyone who can write to the bundle can replace the key.",
    fix="Give the bundle that the passphrase belongs to, or leave the passphrase out.",
    source="RFC 7292, 3.1",
    acknowledged="The passphrase is not used.",
)
RULES = (
    KEY_UNSUPPORTED,
    ENCRYPTION_UNSUPPORTED,
    BUNDLE_CHANGED,
    BUNDLE_NOT_ENCRYPTED,
)

"""Encrypted keys and bundles: key derivation, ciphers, and what checks that nothing was changed."""

"""Encrypted private keys and bundles: key derivation, ciphers and MACs."""

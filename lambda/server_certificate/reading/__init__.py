"""Read certificates and private keys in all common formats: one format per file."""

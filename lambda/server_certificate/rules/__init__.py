"""The rules for certificates, keys, names and tags: one subject per file, collected in the registry."""

"""What certificates, keys, names and tags are checked by: one subject a file, and all of them in the registry."""

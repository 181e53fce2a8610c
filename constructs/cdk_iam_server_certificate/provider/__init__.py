"""The function behind the certificates of a stack: its code, its role and its policies."""

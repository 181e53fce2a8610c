"""The Lambda function that manages the certificates of a stack: its code, role and policies."""

"""Lambda functions: how they start, what they can import, and where they log."""

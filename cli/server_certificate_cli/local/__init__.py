"""The commands that work on files, without AWS: check, inspect and convert, and what they share."""

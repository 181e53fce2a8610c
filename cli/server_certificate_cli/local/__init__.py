"""The commands that work on local files, without AWS: check, inspect and convert."""

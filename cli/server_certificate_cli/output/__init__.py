"""The output of the command: text with colors, and JSON."""

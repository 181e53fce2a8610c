"""Recognize formats, including those that can't be read."""

"""The version of the JSON output."""

from __future__ import annotations

SCHEMA_VERSION = 1
"""Incremented when a field is removed or changes its meaning. New fields don't change it."""

"""Bundles with named fields: JSON, YAML and similar formats."""

"""Bundles of fields: JSON, YAML and the like."""

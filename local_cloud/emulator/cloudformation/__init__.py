"""Stacks, custom resources and the native certificate resource."""

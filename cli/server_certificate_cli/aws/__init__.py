"""The commands that call AWS: store, list, show, prune, release. Only these import this package."""

"""The commands that call AWS: store, list and show. Only these commands import this package."""

"""The commands against AWS: store, list and show. Nothing here is imported unless one of them runs."""

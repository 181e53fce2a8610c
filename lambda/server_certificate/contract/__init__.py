"""What the construct and the function agree on: properties, sources, attributes and ownership tags."""

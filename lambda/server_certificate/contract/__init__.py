"""The contract between construct and function: properties, sources, attributes and ownership tags."""

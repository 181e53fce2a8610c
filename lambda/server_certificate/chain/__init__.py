"""From certificates as they were given to a leaf and the chain above it."""

"""Sort certificates into a leaf and its chain."""

"""
Explore everything that can happen to two stacks that want one name, breadth first.

The kernel's decisions and its progress are pure. So a world at rest is a value, and equal worlds are
visited once.
"""

"""
All that can become of two stacks that want one name, met breadth first instead of by chance.

The kernel's decisions and its progress are pure, so a resting world is a value, and equal worlds
are met once.
"""

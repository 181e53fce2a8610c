"""What a person sees, and a machine: pictures, lines, colours, JSON."""

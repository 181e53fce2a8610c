"""Read the material from its sources: one service per file. Only this package reads secrets."""

"""Real certificates, made in code when they are needed: for tests, demo, benchmarks and fuzzing."""

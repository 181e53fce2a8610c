"""Real certificates, made in code on demand, for tests, demo, benchmarks and fuzzing."""

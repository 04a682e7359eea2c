"""A training run, recorded while the student's own loop runs: what is kept of it, what is told, what is shown."""

"""Real clients of the products, installed as their users do: from lock files with hashes, each in its own place."""

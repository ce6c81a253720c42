"""A believable shop to look at: generated from a seed, captured over the server's own HTTP APIs."""

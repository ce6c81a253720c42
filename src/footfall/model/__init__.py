"""The words of the product as data and pure functions; imports nothing else of ours."""

"""The web pages for people: looking at what is stored, watching it arrive, and managing credentials."""

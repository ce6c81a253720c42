"""Which stored event counts towards which target: pure rules over the model."""

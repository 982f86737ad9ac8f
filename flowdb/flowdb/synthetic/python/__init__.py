"""The generator that makes rows with numpy: the same seeds give the same rows on any machine."""

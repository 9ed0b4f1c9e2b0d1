"""Looking at the whole: exports that carry every voice's trail."""

"""Answers that look like a machine's: signs of it, proof against it, and a place to wait."""

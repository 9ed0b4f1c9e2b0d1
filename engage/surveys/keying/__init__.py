"""Keying in what came on paper or was said aloud, and keying a sample again."""

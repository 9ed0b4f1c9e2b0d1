"""Copies of a survey on paper, in large print and in Easy Read."""

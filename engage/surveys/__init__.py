"""Surveys: questions, published versions, and the answers that people give."""

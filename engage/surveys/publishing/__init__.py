"""Looking through a survey before it is published, and at what was published."""

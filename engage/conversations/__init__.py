"""A Big Conversation: its name, purpose, dates, districts and theme framework."""

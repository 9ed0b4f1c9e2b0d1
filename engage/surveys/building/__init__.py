"""Making a survey: its pages, questions and conditions, and how to put them plainly."""

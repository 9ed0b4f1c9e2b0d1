"""What staff write down for others: notes of events, and comments that come in from a file."""

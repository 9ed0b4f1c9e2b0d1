"""What we send to people: e-mail, with links from the configured address only."""

"""Taking surveys out and in: our own JSON, and XLSForm."""

"""Theme frameworks such as Making It Real, suggestions of themes, and what people decided."""

"""From voices to candidate priorities: groups inside a theme, with the evidence under each."""

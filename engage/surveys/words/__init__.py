"""A survey in other words: translated, in Easy Read, signed and spoken."""

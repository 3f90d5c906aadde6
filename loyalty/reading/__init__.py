"""Reading TOML that people write: every problem at once, each with its line, key and what was expected."""

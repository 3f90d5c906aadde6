"""A till's settings: values and how config.toml is read into them."""

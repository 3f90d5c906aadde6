"""How a command on HQ's machine asks the HQ that is running there for a code or a link."""

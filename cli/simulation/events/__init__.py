"""What may happen in a run: one module for each part of the world, and all events by name."""

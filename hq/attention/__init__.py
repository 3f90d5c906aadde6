"""What waits for a person at HQ: parked entries and exceptions."""

"""Commands about what waits for a person at HQ: exceptions, parked entries, tills."""

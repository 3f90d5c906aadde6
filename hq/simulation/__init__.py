"""Past sales replayed through a draft of a programme: what it would have cost, earned and promised."""

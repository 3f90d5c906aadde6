"""What a programme has for everybody together: stock of gifts, which people set, and budgets, seats and uses."""

"""What every till is told: members, cards and balances, each at the position of its last change."""

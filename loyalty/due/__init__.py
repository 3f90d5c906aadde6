"""What is due when time has passed: units that end, tiers to review, segments to count, offers of the day."""

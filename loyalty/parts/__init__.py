"""The parts of a programme that are no rules, as values: policies, budgets, events, coupons, tiers, segments, referral."""

-- Leases: rights to redeem without HQ, and what is held for sales that are not finished.
SELECT 1;

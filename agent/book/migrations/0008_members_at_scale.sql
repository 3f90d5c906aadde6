-- Every member of the merchant in a few bytes; more of those who come here.
SELECT 1;

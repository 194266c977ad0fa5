-- purpose: empty what keep_found keeps, before find_of_day fills it
-- parameters: none
-- locks: none
-- plan: the temporary table
DELETE FROM tiers_found

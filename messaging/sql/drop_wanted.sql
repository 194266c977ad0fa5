-- purpose: lets go of messaging_wanted, so that the same transaction may ask for another one
-- parameters: none
-- locks: none
-- plan: none
DROP TABLE messaging_wanted

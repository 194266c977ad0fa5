-- purpose: takes away the table of what is wanted once it stands in the outbox, so that another may be made
-- parameters: none
-- locks: none
-- plan: none
DROP TABLE messaging_wanted

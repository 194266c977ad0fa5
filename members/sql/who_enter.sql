-- purpose: how many of the staff may enter the console, and how many keys for machines were ever made
-- parameters: none
-- locks: none
-- plan: both tables whole, they are few
SELECT (SELECT count(*) FROM members_account WHERE is_staff AND is_active), (SELECT count(*) FROM kit_apikey)

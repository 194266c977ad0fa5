-- purpose: the temporary table of the session that find_of_day fills night after night: made once, for making and dropping
--   it would cost a date on which little happens more than the date itself
-- parameters: none
-- locks: none
-- plan: none
CREATE TEMPORARY TABLE IF NOT EXISTS tiers_found (
    member_id bigint, decides boolean, spend numeric, orders int, growth bigint,
    spend_before numeric, orders_before int, growth_before bigint
)

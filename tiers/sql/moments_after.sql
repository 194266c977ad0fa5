-- purpose: when orders were placed and growth was earned that count later than a date
-- parameters: member_id, date
-- locks: none
-- plan: the member's rows after the date by orders_spendmovement_window or orders_spendmovement_date, whichever has fewer,
--   and points_entry_growth_window; mostly none
SELECT at FROM orders_spendmovement WHERE member_id = %(member_id)s AND counts_on > %(date)s AND known_on = counts_on
UNION
SELECT at FROM points_entry
WHERE member_id = %(member_id)s AND wallet = 'growth' AND counts_on > %(date)s AND business_date = counts_on
ORDER BY at

-- purpose: bring the sums that lists show to what counts in the window, where they differ
-- parameters: ladder, date, above, upto (member ids)
-- locks: tiers_standing rows, locked by lock_found two statements before
-- plan: the temporary table within the range; tiers_standing by its key; per row found one look for something later
--
-- Where something of a later date is known already, the event that brought it has left sums of that later date.
UPDATE tiers_standing standing
SET spend = found.spend, orders = found.orders, growth = found.growth
FROM tiers_found found
WHERE standing.member_id = found.member_id AND standing.ladder_id = %(ladder)s
    AND found.member_id > %(above)s AND found.member_id <= %(upto)s
    AND (standing.spend <> found.spend OR standing.orders <> found.orders OR standing.growth <> found.growth)
    AND NOT EXISTS (
        SELECT FROM orders_spendmovement movement
        WHERE movement.member_id = standing.member_id AND (counts_on > %(date)s OR known_on > %(date)s)
    )
    AND NOT EXISTS (
        SELECT FROM points_entry entry
        WHERE entry.member_id = standing.member_id AND wallet = 'growth'
            AND (counts_on > %(date)s OR business_date > %(date)s)
    )

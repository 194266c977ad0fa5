-- purpose: bring the sums that lists show to what counts in the window, where they differ
-- parameters: ladder, date, above, upto (member ids)
-- locks: the tiers_standing rows it writes, in the order of members
-- plan: the temporary table within the range, less whom something of a later date concerns (a look into each of four
--   indexes, or what they hold of later dates, hashed); tiers_standing by its key
--
-- Where something of a later date is known already, the event that brought it has left sums of that later date; and
-- where the sums are not any more those that were found, an event has summed since. The looks stand in a subquery of
-- their own, because an UPDATE reads whole rows of what it joins, not indexes alone.
WITH current AS MATERIALIZED (
    SELECT found.*
    FROM tiers_found found
    WHERE found.member_id > %(above)s AND found.member_id <= %(upto)s
        AND (found.spend <> spend_before OR found.orders <> orders_before OR found.growth <> growth_before)
        AND NOT EXISTS (
            SELECT FROM orders_spendmovement movement
            WHERE movement.member_id = found.member_id AND counts_on > %(date)s
        )
        AND NOT EXISTS (
            SELECT FROM orders_spendmovement movement
            WHERE movement.member_id = found.member_id AND known_on > %(date)s AND known_on <> counts_on
        )
        AND NOT EXISTS (
            SELECT FROM points_entry entry
            WHERE entry.member_id = found.member_id AND wallet = 'growth' AND counts_on > %(date)s
        )
        AND NOT EXISTS (
            SELECT FROM points_entry entry
            WHERE entry.member_id = found.member_id AND wallet = 'growth'
                AND business_date > %(date)s AND business_date <> counts_on
        )
    ORDER BY found.member_id
)
UPDATE tiers_standing standing
SET spend = current.spend, orders = current.orders, growth = current.growth
FROM current
WHERE standing.member_id = current.member_id AND standing.ladder_id = %(ladder)s
    AND standing.spend = spend_before AND standing.orders = orders_before AND standing.growth = growth_before

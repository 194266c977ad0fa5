-- purpose: the proof sheet: what every month moved in each wallet by kind, what was before, and what wallets hold
-- parameters: first (the first day of the first month; what lies before it is one sum, its month null)
-- locks: none; one statement sees one moment
-- plan: points_entry and points_balance read once, each hashed by month and kind
--
-- What went into lots and out of them is summed from the lots that entries name, so that it is another way to the sum.
SELECT
    wallet, CASE WHEN business_date >= %(first)s THEN date_trunc('month', business_date)::date END AS month, kind,
    count(*) AS entries, sum(points)::bigint AS points, sum(debt_change)::bigint AS debt,
    sum(CASE WHEN lot_points IS NULL THEN points + debt_change
        ELSE sign(points)::bigint * (SELECT coalesce(sum(moved), 0) FROM unnest(lot_points) moved) END)::bigint AS lots
FROM points_entry
GROUP BY 1, 2, 3
UNION ALL
SELECT wallet, NULL, 'held', 0, sum(available + pending - debt)::bigint, sum(debt)::bigint, sum(available + pending)::bigint
FROM points_balance
GROUP BY wallet

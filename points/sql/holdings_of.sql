-- purpose: what some members can spend on a date, what of it ends first and when, and their growth, for messages
-- parameters: members (ids), points, growth (wallets), today, while_active (the date of lots that end with idle_until),
--     never (lots that end on it or later never end)
-- locks: none
-- plan: for each member his lots of the points wallet by the primary key, and his balances by theirs
WITH held AS (
    SELECT lot.member_id, sum(lot.points) AS points,
        CASE WHEN lot.expires_on = %(while_active)s THEN coalesce(balance.idle_until, %(while_active)s)
            ELSE lot.expires_on END AS ends_on
    FROM points_lot lot
    JOIN points_balance balance USING (member_id, wallet)
    WHERE lot.member_id = ANY(%(members)s) AND lot.wallet = %(points)s AND lot.active_on <= %(today)s
        AND lot.expires_on >= %(today)s
    GROUP BY lot.member_id, ends_on
), ending AS (
    SELECT member_id, sum(points)::bigint AS available, min(ends_on) FILTER (WHERE ends_on < %(never)s) AS ends_on
    FROM held WHERE ends_on >= %(today)s
    GROUP BY member_id
), growing AS (
    SELECT member_id, available AS growth FROM points_balance
    WHERE member_id = ANY(%(members)s) AND wallet = %(growth)s
)
SELECT member_id, coalesce(available, 0)::bigint, coalesce(growth, 0)::bigint, ending.ends_on, held.points::bigint
FROM ending
FULL JOIN growing USING (member_id)
LEFT JOIN held USING (member_id, ends_on)

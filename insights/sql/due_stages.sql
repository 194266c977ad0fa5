-- purpose: whose stage a date may change: who did something on it or has no stage yet, and whose days are over by it
-- parameters: date, at (its end), new_since (the last instant at which somebody joined who is not new any more),
--   above (id), lapsed_days, won_back_days
-- locks: none
-- plan: orders_order_dated and orders_shopevent_dated for the date; insights_lifecycle and the keys of members_member
--   read once and hashed
SELECT id
FROM (
    SELECT coalesce(merged_into_id, member.id) AS id
    FROM (
        SELECT member_id FROM orders_order WHERE business_date = %(date)s
        UNION ALL
        SELECT member_id FROM orders_shopevent WHERE business_date = %(date)s
    ) deed
    JOIN members_member member ON member.id = deed.member_id
    UNION
    SELECT id FROM members_member member
    WHERE status = 'active' AND joined_at <= %(at)s
        AND NOT EXISTS (SELECT FROM insights_lifecycle kept WHERE kept.member_id = member.id)
    UNION
    SELECT member_id FROM insights_lifecycle
    WHERE asleep_on <= %(date)s AND stage NOT IN ('sleeping', 'lapsed')
        OR active_on <= %(date)s::date - %(lapsed_days)s::int AND stage <> 'lapsed'
        OR stage = 'won_back' AND since_date <= %(date)s::date - %(won_back_days)s::int
    UNION
    SELECT member_id FROM insights_lifecycle kept
    JOIN members_member member ON member.id = kept.member_id
    WHERE stage = 'new' AND joined_at <= %(new_since)s
) due
WHERE id > %(above)s
ORDER BY id

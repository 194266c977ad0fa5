-- purpose: redemptions that were not paid, or not given back, as their state says, or lack what their kind gives
-- parameters: none
-- locks: none; one statement sees one moment
-- plan: benefits_redemption once; of each its entries by points_entry_source_key_once, its gift by
--     benefits_fulfilment_once_a_cause, its coupon and code by their keys
--
-- What does not come back because its lot had ended stands in a step of the entry.
WITH found AS (
    SELECT redemption.*, reward.kind, reward.code AS reward, booked.*,
        sent.state AS sent, coupon.voided_at, coupon.id IS NOT NULL AS has_coupon,
        code.member_id = redemption.member_id AND code.source_key = 'redemption:' || redemption.id AS has_code
    FROM benefits_redemption redemption
    JOIN benefits_reward reward ON reward.id = redemption.reward_id
    CROSS JOIN LATERAL (
        SELECT
            -coalesce(sum(points) FILTER (WHERE kind = 'redemption'), 0) AS paid,
            coalesce(sum(points) FILTER (WHERE kind = 'restoration'), 0) AS returned,
            count(*) FILTER (WHERE kind = 'restoration') AS returns,
            coalesce(sum((
                SELECT sum((step ->> 'points')::bigint)
                FROM jsonb_array_elements(explanation) step
                WHERE step ->> 'code' = 'lapsed_meanwhile'
            )), 0) AS lapsed
        FROM points_entry entry
        WHERE entry.member_id = redemption.member_id AND entry.wallet = 'points'
            AND entry.source_key = ('redemption:' || redemption.id) COLLATE "C"
    ) booked
    LEFT JOIN benefits_fulfilment sent
        ON sent.member_id = redemption.member_id AND sent.source_key = ('redemption:' || redemption.id) COLLATE "C"
    LEFT JOIN benefits_coupon coupon ON coupon.id = redemption.coupon_id
    LEFT JOIN benefits_partnercode code ON code.id = redemption.partner_code_id
)
SELECT member.number, found.id, reward, claim, points, paid, returned
FROM found
CROSS JOIN LATERAL (VALUES
    ('paid', paid <> points),
    ('kept', state = 'done' AND returns <> 0),
    ('returned', state = 'cancelled' AND returned + lapsed <> paid),
    ('given', state = 'done' AND NOT coalesce(CASE kind
        WHEN 'coupon' THEN has_coupon
        WHEN 'gift' THEN sent IS NOT NULL
        WHEN 'partner_code' THEN has_code
        ELSE drawn IS NOT NULL
    END, false)),
    ('taken_back', state = 'cancelled' AND ((has_coupon AND voided_at IS NULL) OR sent <> 'cancelled'))
) claims (claim, is_broken)
JOIN members_member member ON member.id = found.member_id
WHERE is_broken
ORDER BY member.id, found.id, claim

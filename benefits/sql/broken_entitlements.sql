-- purpose: entitlements whose uses, prizes or coupons are not what they should be
-- parameters: none
-- locks: none; one statement sees one moment
-- plan: benefits_booking and benefits_draw once with the entitlements by their keys; benefits_entitlement twice, an
--   anti-join of those that gave a coupon with benefits_coupon, and those that are held beside benefits_taking
SELECT 'bookings', entitlement.benefit, entitlement.period, entitlement.member_id, entitlement.used::bigint, taken.count
FROM (
    SELECT entitlement_id, count(*) FROM benefits_booking
    WHERE state IN ('asked', 'confirmed', 'done') GROUP BY entitlement_id
) taken
JOIN benefits_entitlement entitlement ON entitlement.id = taken.entitlement_id
WHERE entitlement.used < taken.count
UNION ALL
SELECT 'winners', draw.benefit, draw.period, NULL, draw.winners::bigint, won.count
FROM benefits_draw draw
CROSS JOIN LATERAL (
    SELECT count(*) FROM benefits_entitlement entitlement
    WHERE entitlement.benefit = draw.benefit AND entitlement.granted_at = draw.drawn_at
        AND draw.period = entitlement.period || ':' || entitlement.tier
) won
WHERE won.count <> draw.winners
UNION ALL
SELECT 'coupon', benefit, period, member_id, 1, 0
FROM benefits_entitlement entitlement
WHERE kind IN ('coupon', 'coupon_pack', 'birthday_gift') AND (terms ? 'coupon' OR terms ? 'coupons')
    AND NOT EXISTS (SELECT FROM benefits_coupon coupon WHERE coupon.entitlement_id = entitlement.id)
UNION ALL
SELECT 'held', entitlement.benefit, entitlement.period, entitlement.member_id, entitlement.held::bigint,
    coalesce(holding.count, 0)
FROM benefits_entitlement entitlement
LEFT JOIN (
    SELECT taking.entitlement_id, count(*)
    FROM benefits_taking taking
    JOIN benefits_checkout checkout ON checkout.id = taking.checkout_id AND checkout.state = 'held'
    WHERE taking.entitlement_id IS NOT NULL
    GROUP BY taking.entitlement_id
) holding ON holding.entitlement_id = entitlement.id
WHERE entitlement.held <> coalesce(holding.count, 0)
ORDER BY 1, 2, 3, 4

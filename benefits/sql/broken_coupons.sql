-- purpose: coupons, definitions and members whose counts are not what coupons and checkouts come to
-- parameters: none
-- locks: none; one statement sees one moment
-- plan: benefits_coupon, benefits_taking and the counts read once each and hashed by coupon, definition and member
WITH taken AS (
    SELECT
        taking.coupon_id,
        taking.definition_id,
        checkout.member_id,
        count(*) FILTER (WHERE checkout.state = 'confirmed' AND NOT taking.is_returned) AS used,
        count(*) FILTER (WHERE checkout.state = 'held') AS held,
        coalesce(sum(taking.amount - taking.returned) FILTER (WHERE checkout.state = 'confirmed'), 0) AS spent,
        coalesce(sum(taking.amount) FILTER (WHERE checkout.state = 'held'), 0) AS spent_held
    FROM benefits_taking taking
    JOIN benefits_checkout checkout ON checkout.id = taking.checkout_id
    WHERE taking.kind = 'coupon'
    GROUP BY taking.coupon_id, taking.definition_id, checkout.member_id
), of_coupon AS (
    SELECT coupon_id, sum(used) AS used, sum(held) AS held FROM taken GROUP BY coupon_id
), of_definition AS (
    SELECT definition_id, sum(spent) AS spent, sum(spent_held) AS spent_held FROM taken GROUP BY definition_id
), of_coupons AS (
    SELECT definition_id, sum(used) AS used, sum(held) AS held
    FROM benefits_coupon WHERE used > 0 OR held > 0 GROUP BY definition_id
), of_member AS (
    SELECT member_id, definition_id, sum(used) AS used, sum(held) AS held FROM taken GROUP BY member_id, definition_id
)
SELECT 'coupon', coupon.code, '', coupon.used, coalesce(of_coupon.used, 0), coupon.held, coalesce(of_coupon.held, 0)
FROM benefits_coupon coupon
LEFT JOIN of_coupon ON of_coupon.coupon_id = coupon.id
WHERE (coupon.used > 0 OR coupon.held > 0 OR of_coupon.coupon_id IS NOT NULL)
    AND (coupon.used, coupon.held) IS DISTINCT FROM (coalesce(of_coupon.used, 0), coalesce(of_coupon.held, 0))
UNION ALL
SELECT
    'definition', definition.code, '', counted.used, coalesce(of_coupons.used, 0), counted.held,
    coalesce(of_coupons.held, 0)
FROM benefits_couponcount counted
JOIN benefits_coupondefinition definition ON definition.id = counted.definition_id
LEFT JOIN of_coupons ON of_coupons.definition_id = counted.definition_id
WHERE (counted.used, counted.held) IS DISTINCT FROM (coalesce(of_coupons.used, 0), coalesce(of_coupons.held, 0))
UNION ALL
SELECT
    'spent', definition.code, '', counted.spent, coalesce(of_definition.spent, 0), counted.spent_held,
    coalesce(of_definition.spent_held, 0)
FROM benefits_couponcount counted
JOIN benefits_coupondefinition definition ON definition.id = counted.definition_id
LEFT JOIN of_definition ON of_definition.definition_id = counted.definition_id
WHERE (counted.spent, counted.spent_held)
    IS DISTINCT FROM (coalesce(of_definition.spent, 0), coalesce(of_definition.spent_held, 0))
UNION ALL
SELECT
    'member', definition.code, member.number, coalesce(counted.used, 0), coalesce(of_member.used, 0),
    coalesce(counted.held, 0), coalesce(of_member.held, 0)
FROM benefits_membercount counted
FULL JOIN of_member ON of_member.member_id = counted.member_id AND of_member.definition_id = counted.definition_id
JOIN benefits_coupondefinition definition
    ON definition.id = coalesce(counted.definition_id, of_member.definition_id)
JOIN members_member member ON member.id = coalesce(counted.member_id, of_member.member_id)
WHERE (coalesce(counted.used, 0), coalesce(counted.held, 0))
    IS DISTINCT FROM (coalesce(of_member.used, 0), coalesce(of_member.held, 0))
ORDER BY 1, 2, 3

-- purpose: of each coupon that was issued or used in a period: how many members were issued one, how often it was used, by
--   how many, what it saved and cost; and what those ordered and spent who were issued one, users among them apart
-- parameters: starts_on, ends_on (both inclusive), since, until (the same as instants, the latter not included)
-- locks: none; one statement sees one moment
-- plan: benefits_coupon_issued and benefits_benefituse_of_coupon for the period, each summed by definition and member, then
--   joined; orders_spendmovement read once and summed by member
WITH held AS (
    SELECT DISTINCT definition_id, member_id
    FROM benefits_coupon
    WHERE issued_at >= %(since)s AND issued_at < %(until)s AND member_id IS NOT NULL
), used AS (
    SELECT definition_id, member_id, sum(uses) AS times, sum(saved) AS saved, sum(cost) AS cost
    FROM benefits_benefituse
    WHERE definition_id IS NOT NULL AND used_on BETWEEN %(starts_on)s AND %(ends_on)s
    GROUP BY definition_id, member_id
), spent AS (
    SELECT member_id, sum(orders) AS orders, sum(spend) AS spend
    FROM orders_spendmovement
    WHERE known_on BETWEEN %(starts_on)s AND %(ends_on)s
    GROUP BY member_id
), found AS (
    SELECT
        coalesce(held.definition_id, used.definition_id) AS definition_id,
        held.member_id IS NOT NULL AS is_held,
        coalesce(used.times, 0) > 0 AS is_user,
        coalesce(used.times, 0) AS times,
        coalesce(used.saved, 0) AS saved,
        coalesce(used.cost, 0) AS cost,
        coalesce(spent.orders, 0) AS orders,
        coalesce(spent.spend, 0) AS spend
    FROM held
    FULL JOIN used ON used.definition_id = held.definition_id AND used.member_id = held.member_id
    LEFT JOIN spent ON spent.member_id = coalesce(held.member_id, used.member_id)
)
SELECT
    definition.code, coalesce(terms.names, '{}'), found.times, found.saved, found.cost, found.users,
    found.held, found.held_orders, found.held_spend, found.both, found.both_orders, found.both_spend
FROM (
    SELECT
        definition_id,
        sum(times)::bigint AS times, sum(saved) AS saved, sum(cost) AS cost,
        count(*) FILTER (WHERE is_user) AS users,
        count(*) FILTER (WHERE is_held) AS held,
        coalesce(sum(orders) FILTER (WHERE is_held), 0)::bigint AS held_orders,
        coalesce(sum(spend) FILTER (WHERE is_held), 0) AS held_spend,
        count(*) FILTER (WHERE is_held AND is_user) AS both,
        coalesce(sum(orders) FILTER (WHERE is_held AND is_user), 0)::bigint AS both_orders,
        coalesce(sum(spend) FILTER (WHERE is_held AND is_user), 0) AS both_spend
    FROM found
    GROUP BY definition_id
) found
JOIN benefits_coupondefinition definition ON definition.id = found.definition_id
LEFT JOIN LATERAL (
    SELECT names FROM benefits_couponterms terms
    WHERE terms.definition_id = definition.id AND terms.published_at IS NOT NULL
    ORDER BY number DESC LIMIT 1
) terms ON true
ORDER BY definition.code

-- purpose: takings of checkouts whose uses do not come to what was taken off and not returned, and gifts and codes whose
--   uses are not one for each that is not given up
-- parameters: none
-- locks: none; one statement sees one moment
-- plan: benefits_benefituse and benefits_taking read once each and hashed; benefits_fulfilment and the codes that were read
--   once each, with the uses by their keys
WITH counted AS (
    SELECT split_part(cause, ':', 2) AS checkout, split_part(cause, ':', 3) AS position, sum(uses) AS uses, sum(saved) AS saved
    FROM benefits_benefituse
    WHERE cause LIKE 'checkout:%%'
    GROUP BY 1, 2
), taken AS (
    SELECT
        taking.checkout_id::text AS checkout,
        taking.position::text AS position,
        (NOT taking.is_returned)::int AS uses,
        taking.amount - taking.returned AS saved
    FROM benefits_taking taking
    JOIN benefits_checkout checkout ON checkout.id = taking.checkout_id
    WHERE checkout.state = 'confirmed'
), given AS (
    SELECT member_id, source_key AS cause, (state <> 'cancelled')::int AS uses FROM benefits_fulfilment
    UNION ALL
    SELECT member_id, source_key, 1 FROM benefits_partnercode WHERE revealed_at IS NOT NULL
)
SELECT
    'checkout', coalesce(counted.checkout, taken.checkout), coalesce(counted.uses, 0)::bigint, coalesce(counted.saved, 0),
    coalesce(taken.uses, 0)::bigint, coalesce(taken.saved, 0)
FROM counted
FULL JOIN taken ON taken.checkout = counted.checkout AND taken.position = counted.position
WHERE (coalesce(counted.uses, 0), coalesce(counted.saved, 0)) IS DISTINCT FROM (coalesce(taken.uses, 0), coalesce(taken.saved, 0))
UNION ALL
SELECT 'given', given.cause, used.uses, 0, given.uses, 0
FROM given
CROSS JOIN LATERAL (
    SELECT coalesce(sum(uses), 0)::bigint AS uses FROM benefits_benefituse
    WHERE member_id = given.member_id AND cause IN (given.cause, given.cause || ':undone' COLLATE "C")
) used
WHERE used.uses <> given.uses
ORDER BY 1, 2

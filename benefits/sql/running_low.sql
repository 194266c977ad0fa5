-- purpose: the gifts and the pools of partners' codes of which fewer are left than the staff want to be told of
-- parameters: today (a code that must be given before it is not left)
-- locks: none
-- plan: gifts and pools whole, they are few; of each pool's codes as many free ones as its mark, by benefits_partnercode_free
SELECT 'gift' AS kind, code, names::text, coalesce("left", 0) AS remain
FROM benefits_giftitem
WHERE NOT is_archived AND "left" < low_water
UNION ALL
SELECT 'pool', pool.code, pool.names::text, free.number
FROM benefits_pool pool
CROSS JOIN LATERAL (
    SELECT count(*) AS number FROM (
        SELECT FROM benefits_partnercode code
        WHERE code.pool_id = pool.id AND code.member_id IS NULL AND (code.ends_on IS NULL OR code.ends_on >= %(today)s)
        LIMIT pool.low_water) counted) free
WHERE NOT pool.is_archived AND free.number < pool.low_water
ORDER BY kind, remain, code

-- purpose: lines of orders of which more was taken back than they had earned
-- parameters: none
-- locks: none; one statement sees one moment
-- plan: reversals by points_entry_reversals; of each order that has one its entries by points_entry_source_key_once
--
-- What has no line is not an earning: restored points that are taken again when a cancelled order is paid after all.
SELECT member.number, returned.wallet, returned.order_key, line, sum(entry.points)::bigint
FROM (
    SELECT DISTINCT
        member_id, wallet, array_to_string((string_to_array(source_key, ':'))[1:3], ':') COLLATE "C" AS order_key
    FROM points_entry
    WHERE kind = 'reversal' AND source_key >= 'order:' AND source_key < 'order;'
) returned
JOIN points_entry entry
    ON entry.member_id = returned.member_id AND entry.wallet = returned.wallet
        AND entry.source_key >= returned.order_key || ':' AND entry.source_key < returned.order_key || ';'
        AND entry.kind IN ('accrual', 'reversal')
CROSS JOIN LATERAL (SELECT entry.explanation -> 0 ->> 'line' AS line) named
JOIN members_member member ON member.id = returned.member_id
WHERE line IS NOT NULL
GROUP BY member.id, member.number, returned.wallet, returned.order_key, line
HAVING sum(entry.points) < 0
ORDER BY member.id, returned.wallet, returned.order_key, line

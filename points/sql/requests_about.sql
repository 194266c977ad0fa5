-- purpose: what waits for a second person about a member, the longest first, and what a person booked alone on a date,
--   in every row: (booked alone, id, kind, points, reason, who asked, his name, when); of nothing that waits one row
-- parameters: member, account, on (a business date), most
-- locks: none
-- plan: the member's and the person's requests by their keys
SELECT alone.booked, waiting.id, waiting.kind, waiting.points, waiting.reason, waiting.requested_by_id,
    coalesce(nullif(account.name, ''), nullif(account.email, ''), '#' || account.id), waiting.requested_at
FROM (
    SELECT coalesce(sum(abs(points)), 0)::bigint AS booked
    FROM points_adjustment
    WHERE requested_by_id = %(account)s AND business_date = %(on)s AND state = 'booked' AND NOT needs_second
) alone
LEFT JOIN LATERAL (
    SELECT id, kind, points, reason, requested_by_id, requested_at
    FROM points_adjustment
    WHERE member_id = %(member)s AND state = 'waiting'
    ORDER BY requested_at, id
    LIMIT %(most)s
) waiting ON true
LEFT JOIN members_account account ON account.id = waiting.requested_by_id
ORDER BY waiting.requested_at, waiting.id

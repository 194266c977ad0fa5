-- purpose: what each business date of a period moved in one wallet, by kind of entry, and what all members hold of it now
-- parameters: moved (that statement, with its parameters; the wallet is named by it)
-- locks: none
-- plan: as that statement says; points_balance once
(%(moved)s)
UNION ALL
SELECT NULL, held.what, held.points
FROM (
    SELECT coalesce(sum(available), 0)::bigint AS available, coalesce(sum(pending), 0)::bigint AS pending,
           coalesce(sum(debt), 0)::bigint AS debt
    FROM points_balance WHERE wallet = %(wallet)s) AS balances
CROSS JOIN LATERAL (VALUES ('available', available), ('pending', pending), ('debt', debt)) AS held (what, points)

-- purpose: what each business date of a period put into one wallet and took out of it, by kind of entry
-- parameters: wallet, starts_on, ends_on (both inclusive)
-- locks: none
-- plan: points_entry_by_date, grouped; the ledger is read once from the first date to the last
SELECT business_date, kind, sum(points)::bigint
FROM points_entry
WHERE business_date BETWEEN %(starts_on)s AND %(ends_on)s AND wallet = %(wallet)s
GROUP BY business_date, kind
ORDER BY business_date, kind

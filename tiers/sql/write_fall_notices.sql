-- purpose: write who is to be warned that a tier will be lost; what is written already stays as it is
-- parameters: ladder, rows (JSON, with the columns of tiers_fallnotice but the ladder)
-- locks: none but the rows it adds
-- plan: the rows given
INSERT INTO tiers_fallnotice (
    member_id, ladder_id, ends_on, days_before, due_on, tier_id, to_tier_id, falls_on, ways
)
SELECT member_id, %(ladder)s, ends_on, days_before, due_on, tier_id, to_tier_id, falls_on, ways
FROM jsonb_to_recordset(%(rows)s::jsonb) AS told (
    member_id bigint, ends_on date, days_before smallint, due_on date, tier_id bigint, to_tier_id bigint,
    falls_on date, ways jsonb
)
ORDER BY member_id, ends_on, days_before
ON CONFLICT DO NOTHING

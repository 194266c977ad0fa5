-- purpose: give members benefits for periods, each once; what is there is left
-- parameters: rows (JSON: member_id, benefit, kind, period, tier, terms, starts_at, ends_at, quota, granted_at,
--   reason), version, actor
-- locks: inserts into benefits_entitlement; whoever gives the same at the same time is waited for
-- plan: the rows as given, benefits_entitlement_once_a_period for each; answers what is new
INSERT INTO benefits_entitlement (
    member_id, benefit, kind, period, version_id, tier, terms, starts_at, ends_at, quota, used, held, granted_at, actor, reason
)
SELECT
    member_id, benefit, kind, period, %(version)s::bigint, tier, terms, starts_at, ends_at, quota, 0, 0, granted_at, %(actor)s::text, reason
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    member_id bigint, benefit text, kind text, period text, tier text, terms jsonb, starts_at timestamptz,
    ends_at timestamptz, quota int, granted_at timestamptz, reason text
)
ORDER BY member_id, benefit, period
ON CONFLICT ON CONSTRAINT benefits_entitlement_once_a_period DO NOTHING
RETURNING id, member_id, benefit, period

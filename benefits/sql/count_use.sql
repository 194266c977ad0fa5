-- purpose: count a use, or hold one, of what a member has for a period, if any is left of the larger of two quotas
-- parameters: member, benefit, period, quota (what the matrix says now; empty: always), used, held (1 or 0)
-- locks: the row of benefits_entitlement
-- plan: benefits_entitlement_once_a_period; answers nothing where none is left
UPDATE benefits_entitlement
SET
    used = used + %(used)s,
    held = held + %(held)s,
    quota = CASE WHEN quota IS NOT NULL AND %(quota)s::int IS NOT NULL THEN greatest(quota, %(quota)s::int) END
WHERE member_id = %(member)s AND benefit = %(benefit)s AND period = %(period)s
    AND (quota IS NULL OR %(quota)s::int IS NULL OR used + held < greatest(quota, %(quota)s::int))
RETURNING id, quota - used - held

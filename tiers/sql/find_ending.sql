-- purpose: gather, in a temporary table of the session, the active members whose tier can be kept up to certain dates
-- parameters: ladder, ends (last dates of validity, of grace, of what was given), date (of the night)
-- locks: none
-- plan: tiers_standing_ending by the dates, and up to the night's date for those in grace; members_member by its key
CREATE TEMPORARY TABLE tiers_found AS
SELECT
    standing.member_id, true AS decides, NULL::numeric AS spend, NULL::int AS orders, NULL::bigint AS growth,
    NULL::numeric AS spend_before, NULL::int AS orders_before, NULL::bigint AS growth_before
FROM (
    SELECT member_id FROM tiers_standing
    WHERE ladder_id = %(ladder)s AND until_date = ANY(%(ends)s) AND grace_date IS NULL
    UNION ALL
    SELECT member_id FROM tiers_standing
    WHERE ladder_id = %(ladder)s AND until_date <= %(date)s AND grace_date = ANY(%(ends)s)
) standing
JOIN members_member member ON member.id = standing.member_id AND member.status = 'active'

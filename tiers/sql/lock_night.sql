-- purpose: lock the standings of those on whom nights decided, before undo_night reads them
-- parameters: ladder, since, date (both inclusive)
-- locks: tiers_standing rows FOR NO KEY UPDATE in the order of members
-- plan: tiers_decision_by_date for the night's decisions, tiers_standing by its key
SELECT count(*)
FROM (
    SELECT FROM tiers_standing standing
    WHERE standing.ladder_id = %(ladder)s AND standing.member_id IN (
        SELECT member_id FROM tiers_decision
        WHERE business_date >= %(since)s AND business_date <= %(date)s AND ladder_id = %(ladder)s AND actor = 'night'
            AND kind <> 'joined'
    )
    ORDER BY standing.member_id
    FOR NO KEY UPDATE OF standing
) locked

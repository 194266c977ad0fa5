-- purpose: the ids of the published versions of a ladder in the order they came into force
-- parameters: ladder (its code)
-- locks: none
-- plan: the versions of the ladder read whole: they are few
SELECT version.id
FROM tiers_ladderversion version
JOIN tiers_ladder ladder ON ladder.id = version.ladder_id
WHERE ladder.code = %(ladder)s AND version.published_at IS NOT NULL
ORDER BY version.effective_on, version.number

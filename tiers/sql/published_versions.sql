-- purpose: the published versions of a ladder in the order they came into force; asked several times by every order
-- parameters: ladder
-- locks: none
-- plan: the ladder by its unique code, then its few versions
SELECT version.id FROM tiers_ladderversion version
JOIN tiers_ladder ladder ON ladder.id = version.ladder_id
WHERE ladder.code = %(ladder)s AND version.published_at IS NOT NULL
ORDER BY version.effective_on, version.number

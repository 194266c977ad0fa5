-- purpose: the ladders of which a version was published, the oldest first, with the date from which the first one holds
-- parameters: none
-- locks: none
-- plan: the few ladders, of each its few versions
SELECT ladder.code, min(version.effective_on)
FROM tiers_ladder ladder
JOIN tiers_ladderversion version ON version.ladder_id = ladder.id AND version.published_at IS NOT NULL
GROUP BY ladder.id
ORDER BY ladder.id

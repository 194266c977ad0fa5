-- purpose: the ladders that members stand on at a date, the oldest first; the main one also before its time
-- parameters: date, main
-- locks: none
-- plan: the few ladders, of each its few versions
SELECT ladder.code FROM tiers_ladder ladder
WHERE EXISTS (
    SELECT FROM tiers_ladderversion version
    WHERE version.ladder_id = ladder.id AND version.published_at IS NOT NULL
    AND (version.effective_on <= %(date)s OR ladder.code = %(main)s)
)
ORDER BY ladder.id

-- purpose: members who are counted to have had a reward more or less often than they have
-- parameters: none
-- locks: none; one statement sees one moment
-- plan: benefits_redemption once, grouped; joined to benefits_taken
SELECT member.number, reward.code, coalesce(taken.times, 0), coalesce(done.times, 0)
FROM benefits_taken taken
FULL JOIN (
    SELECT member_id, reward_id, count(*) AS times FROM benefits_redemption WHERE state = 'done'
    GROUP BY member_id, reward_id
) done USING (member_id, reward_id)
JOIN members_member member ON member.id = member_id
JOIN benefits_reward reward ON reward.id = reward_id
WHERE coalesce(taken.times, 0) <> coalesce(done.times, 0)
ORDER BY member.id, reward.code

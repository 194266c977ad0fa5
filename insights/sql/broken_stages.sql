-- purpose: members whose stage is not what its last change made it
-- parameters: none
-- locks: none; one statement sees one moment
-- plan: insights_lifecycle read once, the last change of each by the key
SELECT member.number, kept.stage, last.becomes
FROM insights_lifecycle kept
JOIN members_member member ON member.id = kept.member_id
LEFT JOIN LATERAL (
    SELECT becomes FROM insights_stagechange change
    WHERE change.member_id = kept.member_id ORDER BY changed_on DESC LIMIT 1
) last ON true
WHERE last.becomes IS DISTINCT FROM kept.stage
ORDER BY kept.member_id

-- purpose: finds recipients who are addressed and have no message, and control members who have one
-- parameters: none
-- locks: none
-- plan: recipients once; messages by their unique key
SELECT campaign.name, m.number, r."group"
FROM campaigns_recipient r
JOIN campaigns_run run ON run.id = r.run_id
JOIN campaigns_campaign campaign ON campaign.id = run.campaign_id
JOIN members_member m ON m.id = r.member_id
WHERE (r."group" = 'treated') <> EXISTS (
    SELECT FROM messaging_message message
    WHERE message.member_id = r.member_id
      AND message.source_key = 'campaign:' || run.campaign_id || ':' || replace(run.occasion, ':', '%%3A') || ':' || r.occasion)
ORDER BY r.id
LIMIT 1000

-- purpose: counts what those who were addressed by launches answered, by variant, question and score; who answered to several
--   messages of one launch counts once, by his last answer
-- parameters: runs; now (nothing later counts)
-- locks: none
-- plan: the answers' table by what the launches' messages are, messages by their dispatch; recipients by run and member
SELECT said.variant, said.question, said.score, count(*)
FROM (
    SELECT DISTINCT ON (r.id, a.question) r.variant, a.question, a.score
    FROM campaigns_run run
    JOIN messaging_message m ON m.dispatch_id = run.dispatch_id
    JOIN messaging_answer a ON a.message_id = m.id AND a.at <= %(now)s
    JOIN campaigns_recipient r ON r.run_id = run.id AND r.member_id = m.member_id AND r."group" = 'treated'
        AND m.source_key = 'campaign:' || run.campaign_id || ':' || replace(run.occasion, ':', '%%3A') || ':' || r.occasion
    WHERE run.id = ANY(%(runs)s)
    ORDER BY r.id, a.question, a.at DESC, a.id DESC
) AS said
GROUP BY said.variant, said.question, said.score

-- purpose: finds budgets that say another number was spent than recipients were given, and points that are not in the ledger
-- parameters: none
-- locks: none
-- plan: rewarded recipients once; entries by member and key
WITH given AS (
    SELECT run.campaign_id, reward ->> 'kind' AS kind,
           count(*) * CASE reward ->> 'kind' WHEN 'points' THEN (reward ->> 'points')::bigint ELSE 1 END AS spent,
           CASE reward ->> 'kind' WHEN 'points' THEN sum(entry.points) END AS booked
    FROM campaigns_run run
    CROSS JOIN LATERAL jsonb_array_elements(run.plan -> 'rewards') AS reward
    JOIN campaigns_recipient r ON r.run_id = run.id AND r.rewarded_at IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT sum(e.points) AS points FROM points_entry e
        WHERE e.member_id = r.member_id AND e.wallet = 'points' AND e.kind = 'accrual'
          AND e.source_key = 'campaign:' || run.campaign_id || ':' || replace(run.occasion, ':', '%%3A') || ':' || r.occasion
    ) AS entry ON reward ->> 'kind' = 'points'
    GROUP BY run.campaign_id, run.id, reward
), sums AS (
    SELECT campaign_id, kind, sum(spent)::bigint AS spent, sum(booked)::bigint AS booked FROM given GROUP BY campaign_id, kind
)
SELECT campaign.name, budget.kind, budget.spent, coalesce(sums.spent, 0), sums.booked
FROM campaigns_budget budget
JOIN campaigns_campaign campaign ON campaign.id = budget.campaign_id
LEFT JOIN sums ON sums.campaign_id = budget.campaign_id AND sums.kind = budget.kind
WHERE budget.spent <> coalesce(sums.spent, 0) OR coalesce(sums.booked, sums.spent) <> sums.spent
ORDER BY campaign.id, budget.kind

-- purpose: where a member stands on every ladder and what was decided of him there last, the oldest ladder first; a row
--   is what tiers.queries.stands.stands_of says: ladder, when he joined, the columns of PLACE, those of the decision
-- parameters: member
-- locks: none
-- plan: the member's standings and the decision of each by their keys, a row of ladder and member by theirs
SELECT ladder.code, ladder.name, member.joined_at, standing.decided_at,
    standing.tier_id, standing.rank, standing.since_date, standing.until_date, standing.grace_date,
    standing.highest_rank, standing.granted_by, standing.rank_before, standing.until_before_date,
    standing.next_tier_id, standing.next_date, standing.next_cause, standing.hold_kind, standing.earned_tier_id,
    standing.earned_since_date, standing.earned_until_date, standing.earned_grace_date,
    decision.at, decision.seq, decision.kind, decision.business_date, decision.from_tier_id, decision.to_tier_id,
    decision.next_tier_id, decision.until_before, decision.until_date, decision.grace_date, decision.spend,
    decision.orders, decision.growth, decision.reached_by, decision.threshold, decision.window_starts_date,
    decision.cause, decision.actor, decision.since_date, decision.next_date, decision.hold_kind, decision.reason,
    decision.asked::text
FROM tiers_standing standing
JOIN tiers_ladder ladder ON ladder.id = standing.ladder_id
JOIN members_member member ON member.id = standing.member_id
JOIN tiers_decision decision
    ON decision.member_id = standing.member_id AND decision.ladder_id = standing.ladder_id
    AND decision.seq = standing.seq
WHERE standing.member_id = %(member)s
ORDER BY ladder.id

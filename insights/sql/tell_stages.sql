-- purpose: tell the stage of each active one of some members at the end of a date, and keep what changed
-- parameters: members (ids), date, at (its end), zone, not_own (events that are not a member's own deed), new_days,
--   sleeping_days, lapsed_days, won_back_days
-- locks: the rows of insights_lifecycle that it changes, by id
-- plan: the ids as given; members_member by its key; orders and events of each by member, the latest alone
--
-- insights.rules.stage_on tells the same of one member; a test holds both to each other. What a member did whose
-- membership was merged into another is the other's.
WITH chosen AS MATERIALIZED (
    SELECT unnest(%(members)s::bigint[]) AS id
), people AS (
    SELECT id, id AS member_id FROM chosen
    UNION ALL
    SELECT member.id, merged_into_id FROM members_member member JOIN chosen ON merged_into_id = chosen.id
), deeds AS (
    SELECT people.member_id, max(deed.date) AS last_on
    FROM people
    CROSS JOIN LATERAL (
        SELECT max(placed.business_date) AS date FROM orders_order placed
        WHERE placed.member_id = people.id AND placed.status = 'paid' AND placed.business_date <= %(date)s
        UNION ALL
        SELECT max(happened.business_date) FROM orders_shopevent happened
        WHERE happened.member_id = people.id AND happened.business_date <= %(date)s
            AND happened.type <> ALL (%(not_own)s::text[])
    ) deed
    GROUP BY people.member_id
), facts AS (
    SELECT
        member.id,
        (member.joined_at AT TIME ZONE %(zone)s)::date AS joined_on,
        deeds.last_on,
        kept.stage AS was,
        kept.since_date
    FROM chosen
    JOIN members_member member ON member.id = chosen.id
    LEFT JOIN deeds ON deeds.member_id = member.id
    LEFT JOIN insights_lifecycle kept ON kept.member_id = member.id
    WHERE member.status = 'active' AND member.joined_at <= %(at)s
), told AS (
    SELECT
        id, was, since_date, coalesce(last_on, joined_on) AS active_on,
        CASE
            WHEN %(date)s::date - coalesce(last_on, joined_on) >= %(lapsed_days)s THEN 'lapsed'
            WHEN %(date)s::date - coalesce(last_on, joined_on) >= %(sleeping_days)s THEN 'sleeping'
            WHEN was = 'lapsed' THEN 'won_back'
            WHEN was = 'won_back' AND %(date)s::date - since_date < %(won_back_days)s THEN 'won_back'
            WHEN last_on IS NULL OR %(date)s::date - joined_on < %(new_days)s THEN 'new'
            ELSE 'active'
        END AS stage
    FROM facts
), moved AS (
    INSERT INTO insights_stagechange (member_id, changed_on, was, becomes)
    SELECT id, %(date)s::date, coalesce(was, ''), stage FROM told WHERE stage IS DISTINCT FROM was ORDER BY id
    ON CONFLICT (member_id, changed_on) DO NOTHING
    RETURNING member_id
), kept AS (
    INSERT INTO insights_lifecycle (member_id, stage, since_date, active_on, asleep_on)
    SELECT
        id, stage, CASE WHEN stage IS DISTINCT FROM was THEN %(date)s::date ELSE since_date END, active_on,
        active_on + %(sleeping_days)s::int
    FROM told
    ORDER BY id
    ON CONFLICT (member_id) DO UPDATE
        SET stage = excluded.stage, since_date = excluded.since_date, active_on = excluded.active_on,
            asleep_on = excluded.asleep_on
        WHERE (insights_lifecycle.stage, insights_lifecycle.active_on, insights_lifecycle.asleep_on)
            IS DISTINCT FROM (excluded.stage, excluded.active_on, excluded.asleep_on)
    RETURNING member_id
)
SELECT (SELECT count(*) FROM kept), (SELECT count(*) FROM moved)

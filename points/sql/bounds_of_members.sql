-- purpose: how seal_entries and the proof of seals cut all members into chunks: the last member of each
-- parameters: after (member id), members (a chunk)
-- locks: none
-- plan: points_balance's primary key, read and numbered by member
SELECT max(member_id)
FROM (
    SELECT member_id, (row_number() OVER (ORDER BY member_id) - 1) / %(members)s AS chunk
    FROM points_balance
    WHERE wallet = 'points' AND member_id > %(after)s
) everybody
GROUP BY chunk
ORDER BY chunk

-- purpose: a table of this transaction alone, into which whoever addresses many puts what he wants sent to whom
-- parameters: none
-- locks: none
-- plan: none
CREATE TEMPORARY TABLE messaging_wanted (
    member_id bigint NOT NULL,
    channel text NOT NULL,
    source_key text NOT NULL COLLATE "C",
    template_version_id bigint,
    due_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'queued',
    values jsonb NOT NULL DEFAULT '{}'
) ON COMMIT DROP

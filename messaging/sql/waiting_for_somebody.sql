-- purpose: what keeps messages from going out: how many nobody can tell of, how many dispatches are paused, and the channels for
--   which templates in use have published words
-- parameters: none
-- locks: none
-- plan: messaging_message_stuck, messaging_dispatch_open, the few templates
SELECT (SELECT count(*) FROM messaging_message WHERE state = 'unknown'),
       (SELECT count(*) FROM messaging_dispatch WHERE state = 'paused'),
       ARRAY(
           SELECT DISTINCT channel FROM (
               SELECT DISTINCT ON (version.template_id) version.compiled
               FROM messaging_templateversion version JOIN messaging_template template ON template.id = version.template_id
               WHERE version.published_at IS NOT NULL AND NOT template.is_archived
               ORDER BY version.template_id, version.number DESC) AS latest
           CROSS JOIN LATERAL jsonb_object_keys(latest.compiled) AS channel)

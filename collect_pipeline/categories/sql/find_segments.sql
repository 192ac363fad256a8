-- From new_phrases to changed_forms and pending_segments, and the new taxonomy_phrases. Pending are the segments that
-- nobody looked at yet; those that hold a changed form join later.
CREATE OR REPLACE TEMP TABLE changed_forms AS
SELECT DISTINCT form
FROM (
    (FROM new_phrases EXCEPT FROM taxonomy_phrases)
    UNION ALL
    (FROM taxonomy_phrases EXCEPT FROM new_phrases)
);

DELETE FROM taxonomy_phrases WHERE form IN (FROM changed_forms);

INSERT INTO taxonomy_phrases SELECT * FROM new_phrases WHERE form IN (FROM changed_forms);

CREATE OR REPLACE TEMP TABLE pending_segments AS
SELECT segment_id, match_form(segment) AS form
FROM segments
WHERE segment_id NOT IN (SELECT segment_id FROM categorized_segments);

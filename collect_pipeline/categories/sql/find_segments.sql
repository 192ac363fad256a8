-- To pending_segments: the segments that nobody looked at yet; those that hold a changed form join later.
CREATE OR REPLACE TEMP TABLE pending_segments AS
SELECT segment_id, match_form(segment) AS form
FROM segments
WHERE segment_id NOT IN (SELECT segment_id FROM categorized_segments);

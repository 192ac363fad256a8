-- To pending_segments: the segments that nobody looked at yet; those that hold a changed form join later.
CREATE OR REPLACE TEMP TABLE pending_segments AS
SELECT segment_id, form_of(segment) AS form
FROM segments
ANTI JOIN categorized_segments USING (segment_id);

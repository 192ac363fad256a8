-- To pending_segments: the segments that nobody looked at yet; those that hold a changed form join later.
CREATE OR REPLACE TEMP TABLE pending_segments AS
-- Plain words with one space between them are in match_form already; two or three letters may be a face.
SELECT segment_id,
    CASE WHEN length(segment) > 3 AND regexp_full_match(segment, '[a-z0-9]+(?: [a-z0-9]+)*') THEN segment
        ELSE match_form(segment)
    END AS form
FROM segments
ANTI JOIN categorized_segments USING (segment_id);

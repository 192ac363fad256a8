-- Segments that were looked at before and hold a changed form are looked at again.
INSERT INTO pending_segments
SELECT segment_id, form
FROM searched_segments
WHERE segment_number IN (SELECT segment_number FROM occurrences);

-- Another way to number the buckets, and each band says which kind of prompt it is of. The bands are empty now, and every
-- prompt is a cluster of its own: the next deduplication fills the bands and finds the clusters again.

DROP TABLE prompt_bands;

CREATE TABLE prompt_bands (
    prompt_id BIGINT NOT NULL,
    is_prose  BOOLEAN NOT NULL,
    bucket    BIGINT NOT NULL
);

UPDATE prompts SET cluster_id = prompt_id;

-- What taxonomy_phrases was spelled out from: while that stays the same, nothing is read or spelled again. One row, or
-- none.
CREATE TABLE taxonomy_source (
    fingerprint      VARCHAR NOT NULL,
    taxonomy_version VARCHAR NOT NULL
);

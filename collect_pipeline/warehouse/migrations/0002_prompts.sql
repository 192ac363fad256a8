-- Distinct prompts and what they are made of.

CREATE TABLE prompts (
    prompt_id      BIGINT NOT NULL,
    prompt         VARCHAR NOT NULL USING COMPRESSION zstd,
    normalized     VARCHAR NOT NULL USING COMPRESSION zstd,
    cluster_id     BIGINT NOT NULL,
    image_count    BIGINT NOT NULL,
    quality_score  DOUBLE NOT NULL,
    prompt_length  INTEGER NOT NULL,
    tag_count      INTEGER NOT NULL,
    best_reactions BIGINT NOT NULL,
    first_seen_at  TIMESTAMP NOT NULL
);

-- Segments: the pieces between commas, line breaks and sentence ends, in normal form. Text work is done once
-- for each distinct segment, not once for each prompt.
CREATE TABLE segments (
    segment_id BIGINT NOT NULL,
    segment    VARCHAR NOT NULL
);

CREATE TABLE prompt_segments (
    prompt_id  BIGINT NOT NULL,
    segment_id BIGINT NOT NULL,
    position   INTEGER NOT NULL
);

-- Where near-duplicates meet: prompts that share a bucket are compared. Kept so that new prompts find the old ones.
CREATE TABLE prompt_bands (
    prompt_id BIGINT NOT NULL,
    bucket    BIGINT NOT NULL
);

-- Distinct prompts and what they are made of.

CREATE TABLE prompts (
    prompt_id      BIGINT NOT NULL,     -- from the md5 of the normalized text: the same in every warehouse
    prompt         VARCHAR NOT NULL USING COMPRESSION zstd,  -- first spelling seen
    normalized     VARCHAR NOT NULL USING COMPRESSION zstd,  -- segments joined by ', '; '' for a prompt of network tags only
    cluster_id     BIGINT NOT NULL,     -- near-duplicates share it: the smallest prompt_id among them
    image_count    BIGINT NOT NULL,     -- 0 once every image with it has got another prompt
    quality_score  DOUBLE NOT NULL,     -- 0 to 100
    prompt_length  INTEGER NOT NULL,    -- characters of the first spelling
    tag_count      INTEGER NOT NULL,    -- segments
    best_reactions BIGINT NOT NULL,     -- of its images, the highest reaction count
    first_seen_at  TIMESTAMP NOT NULL
);

-- Segments: the pieces between commas, line breaks and sentence ends, in normal form. Text work is done once
-- for each distinct segment, not once for each prompt.
CREATE TABLE segments (
    segment_id BIGINT NOT NULL,         -- from the md5 of its text
    segment    VARCHAR NOT NULL
);

CREATE TABLE prompt_segments (
    prompt_id  BIGINT NOT NULL,
    segment_id BIGINT NOT NULL,
    position   INTEGER NOT NULL         -- 1 for the first segment of the prompt
);

-- Where near-duplicates meet: prompts that share a bucket are compared. Kept so that new prompts find the old ones.
CREATE TABLE prompt_bands (
    prompt_id BIGINT NOT NULL,
    bucket    BIGINT NOT NULL           -- a band of the prompt's MinHash signature, folded into one number
);

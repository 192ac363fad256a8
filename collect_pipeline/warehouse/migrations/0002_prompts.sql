-- Distinct prompts and what they are made of.

CREATE TABLE prompts (
    prompt_id     BIGINT NOT NULL,      -- from the md5 of the normalized text: the same in every warehouse
    prompt        VARCHAR NOT NULL,     -- first spelling seen
    normalized    VARCHAR NOT NULL,
    cluster_id    BIGINT,               -- near-duplicates share it: the smallest prompt_id among them
    image_count   BIGINT NOT NULL,
    quality_score DOUBLE NOT NULL,
    prompt_length INTEGER NOT NULL,     -- characters of the first spelling
    tag_count     INTEGER NOT NULL,     -- segments
    best_reactions BIGINT NOT NULL,     -- of its images, the highest reaction count
    first_seen_at TIMESTAMP NOT NULL
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

-- Categories of prompts, by way of their segments.

CREATE TABLE segment_categories (
    segment_id       BIGINT NOT NULL,
    category         VARCHAR NOT NULL,
    phrase           VARCHAR NOT NULL,
    nsfw_level       VARCHAR,           -- only for category nsfw: suggestive, mature, explicit
    taxonomy_version VARCHAR NOT NULL
);

CREATE TABLE prompt_categories (
    prompt_id        BIGINT NOT NULL,
    category         VARCHAR NOT NULL,
    confidence       DOUBLE NOT NULL,   -- 0 to 1
    keywords         VARCHAR[] NOT NULL,
    is_primary       BOOLEAN NOT NULL,
    nsfw_level       VARCHAR NOT NULL,  -- of the prompt: none, suggestive, mature, explicit
    taxonomy_version VARCHAR NOT NULL
);

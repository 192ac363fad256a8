-- What the tool that this project replaces knew and we have no place for: kept for comparison and for the record.

CREATE TABLE legacy_prompt_categories (
    image_id   BIGINT NOT NULL,
    category   VARCHAR NOT NULL,
    keywords   VARCHAR[] NOT NULL,
    confidence DOUBLE
);

CREATE TABLE legacy_collection_state (
    model_id         VARCHAR,
    version_id       VARCHAR,
    partition_key    VARCHAR,
    next_page_cursor VARCHAR,
    cursor           VARCHAR,
    remark           VARCHAR NOT NULL,
    last_offset      BIGINT,
    total_collected  BIGINT,
    planned_total    BIGINT,
    attempted        BIGINT,
    duplicates       BIGINT,
    saved            BIGINT,
    status           VARCHAR,
    summary_json     VARCHAR,
    last_update      VARCHAR
);

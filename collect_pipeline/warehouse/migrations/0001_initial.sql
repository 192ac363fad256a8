-- The tables of the collection itself: what is followed, how far it is, what was received.
-- No primary keys and no unique indexes: they cost many times the insert, and the statements keep
-- rows unique (the checks prove it). All times are UTC, stored as TIMESTAMP without a zone.

CREATE TABLE model_versions (
    partition_key    VARCHAR NOT NULL,
    model_id         BIGINT NOT NULL,
    model_version_id BIGINT NOT NULL,
    model_name       VARCHAR,
    version_name     VARCHAR,
    model_type       VARCHAR,
    base_model       VARCHAR,
    published_at     TIMESTAMP,
    air              VARCHAR,
    creator          VARCHAR,
    followed         BOOLEAN NOT NULL,
    added_at         TIMESTAMP NOT NULL,
    refreshed_at     TIMESTAMP NOT NULL
);

CREATE TABLE collection_state (
    partition_key            VARCHAR NOT NULL,
    model_id                 BIGINT NOT NULL,
    version_id               BIGINT NOT NULL,
    phase                    VARCHAR NOT NULL,
    next_page_cursor         VARCHAR,
    last_offset              BIGINT NOT NULL,
    last_page_number         BIGINT NOT NULL,
    total_collected          BIGINT NOT NULL,
    attempted                BIGINT NOT NULL,
    saved                    BIGINT NOT NULL,
    duplicates               BIGINT NOT NULL,
    rejected                 BIGINT NOT NULL,
    valid                    BIGINT NOT NULL,
    status                   VARCHAR NOT NULL,
    last_run_id              VARCHAR,
    last_error               VARCHAR,
    last_successful_fetch_at TIMESTAMP,
    browsing_level           INTEGER NOT NULL,
    walk                     JSON NOT NULL,
    updated_at               TIMESTAMP NOT NULL
);

CREATE TABLE raw_pages (
    page_id        BIGINT NOT NULL,
    partition_key  VARCHAR NOT NULL,
    run_id         VARCHAR,
    page_number    BIGINT NOT NULL,
    sort           VARCHAR,
    request_cursor VARCHAR,
    next_cursor    VARCHAR,
    fetched_at     TIMESTAMP NOT NULL,
    item_count     INTEGER NOT NULL,
    payload        BLOB NOT NULL,
    payload_sha256 VARCHAR NOT NULL,
    browsing_level INTEGER NOT NULL,
    leg            INTEGER NOT NULL,
    first_offset   BIGINT NOT NULL,
    image_ids      BIGINT[] NOT NULL
);

CREATE TABLE images (
    image_id           BIGINT NOT NULL,
    prompt_id          BIGINT,
    prompt             VARCHAR,
    negative_prompt    VARCHAR,
    post_id            BIGINT,
    username           VARCHAR,
    created_at         TIMESTAMP,
    url                VARCHAR,
    width              INTEGER,
    height             INTEGER,
    media_type         VARCHAR,
    browsing_level     INTEGER,
    nsfw_level         VARCHAR,
    base_model         VARCHAR,
    reaction_count     BIGINT,
    comment_count      BIGINT,
    seed               HUGEINT,
    steps              INTEGER,
    sampler            VARCHAR,
    cfg_scale          DOUBLE,
    model_name         VARCHAR,
    has_meta           BOOLEAN NOT NULL,
    page_id            BIGINT NOT NULL,
    first_collected_at TIMESTAMP NOT NULL,
    last_seen_at       TIMESTAMP NOT NULL
);

CREATE TABLE image_versions (
    image_id         BIGINT NOT NULL,
    model_version_id BIGINT NOT NULL,
    first_page_id    BIGINT NOT NULL
);

CREATE TABLE prompt_resources (
    image_id         BIGINT NOT NULL,
    resource_index   INTEGER NOT NULL,
    resource_type    VARCHAR,
    resource_name    VARCHAR,
    model_version_id BIGINT,
    weight           DOUBLE,
    hash             VARCHAR,
    source           VARCHAR NOT NULL
);

CREATE TABLE rejected_items (
    page_id     BIGINT NOT NULL,
    position    INTEGER NOT NULL,
    reason      VARCHAR NOT NULL,
    payload     VARCHAR NOT NULL,
    rejected_at TIMESTAMP NOT NULL
);

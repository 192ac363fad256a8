-- The tables of the collection itself: what is followed, how far it is, what was received.
-- No primary keys and no unique indexes: they cost many times the insert, and the statements keep
-- rows unique (the checks prove it). All times are UTC, stored as TIMESTAMP without a zone.

CREATE TABLE model_versions (
    partition_key    VARCHAR NOT NULL,  -- '<model id>@<version id>', the tail of CivitAI's AIR
    model_id         BIGINT NOT NULL,
    model_version_id BIGINT NOT NULL,
    model_name       VARCHAR,
    version_name     VARCHAR,
    model_type       VARCHAR,           -- CivitAI's words: Checkpoint, LORA, TextualInversion …
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
    phase                    VARCHAR NOT NULL,   -- draining, confirming, following, suspect, failed
    next_page_cursor         VARCHAR,            -- opaque; what is asked next; NULL at the start and the end of a list
    last_offset              BIGINT NOT NULL,    -- items received in the current leg of the walk
    last_page_number         BIGINT NOT NULL,    -- pages received in the current leg of the walk
    total_collected          BIGINT NOT NULL,    -- always the number of images stored for this version
    attempted                BIGINT NOT NULL,    -- items received, ever
    saved                    BIGINT NOT NULL,    -- of those: images not stored before
    duplicates               BIGINT NOT NULL,    -- of those: images stored before
    rejected                 BIGINT NOT NULL,    -- of those: could not be read
    valid                    BIGINT NOT NULL,    -- of those: with a usable prompt
    status                   VARCHAR NOT NULL,   -- idle, running, failed
    last_run_id              VARCHAR,
    last_error               VARCHAR,
    last_successful_fetch_at TIMESTAMP,
    browsing_level           INTEGER NOT NULL,   -- the mask that the walk asks for
    walk                     JSON NOT NULL,      -- what the walk needs beside: leg, last cursors, times
    updated_at               TIMESTAMP NOT NULL
);

CREATE TABLE raw_pages (
    page_id        BIGINT NOT NULL,
    partition_key  VARCHAR NOT NULL,
    run_id         VARCHAR,
    page_number    BIGINT NOT NULL,     -- within its leg, from 1
    sort           VARCHAR,
    request_cursor VARCHAR,
    next_cursor    VARCHAR,
    fetched_at     TIMESTAMP NOT NULL,
    item_count     INTEGER NOT NULL,
    payload        BLOB NOT NULL,       -- the body as received, byte for byte; stored with ZSTD
    payload_sha256 VARCHAR NOT NULL,
    browsing_level INTEGER NOT NULL,    -- the mask that was asked for
    leg            INTEGER NOT NULL,    -- which leg of the version's walk asked for it, counted from 1
    first_offset   BIGINT NOT NULL,     -- items received in the leg before this page
    image_ids      BIGINT[] NOT NULL    -- in the order received; a page seen before is known by them
);

CREATE TABLE images (
    image_id           BIGINT NOT NULL,
    prompt_id          BIGINT,          -- NULL until deduplicated, and for images without a prompt
    prompt             VARCHAR,         -- as its maker wrote it
    negative_prompt    VARCHAR,
    post_id            BIGINT,
    username           VARCHAR,
    created_at         TIMESTAMP,
    url                VARCHAR,
    width              INTEGER,
    height             INTEGER,
    media_type         VARCHAR,         -- image, video, audio
    browsing_level     INTEGER,         -- one bit: 1 PG, 2 PG-13, 4 R, 8 X, 16 XXX
    nsfw_level         VARCHAR,         -- CivitAI's word: None, Soft, Mature, X, Blocked
    base_model         VARCHAR,
    reaction_count     BIGINT,
    comment_count      BIGINT,
    seed               HUGEINT,         -- above 2^63 and below 0 both occur
    steps              INTEGER,
    sampler            VARCHAR,
    cfg_scale          DOUBLE,
    model_name         VARCHAR,
    has_meta           BOOLEAN NOT NULL,  -- false: asked again once, since meta may be filled in later
    page_id            BIGINT NOT NULL,   -- the page that this row was read from
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
    resource_type    VARCHAR,           -- lower case: checkpoint, lora, lycoris, embedding, hypernetwork, vae …
    resource_name    VARCHAR,
    model_version_id BIGINT,
    weight           DOUBLE,
    hash             VARCHAR,
    source           VARCHAR NOT NULL   -- text, civitaiResources, resources, hashes
);

CREATE TABLE rejected_items (
    page_id     BIGINT NOT NULL,
    position    INTEGER NOT NULL,       -- 0 for the first item of the page
    reason      VARCHAR NOT NULL,
    payload     VARCHAR NOT NULL,
    rejected_at TIMESTAMP NOT NULL
);

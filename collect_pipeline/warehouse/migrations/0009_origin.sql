-- Where the warehouse's images come from, so that the invented ones of an offline CivitAI never mix with real ones.

CREATE TABLE source_origin (
    base_url      VARCHAR NOT NULL,
    is_local      BOOLEAN NOT NULL,
    first_used_at TIMESTAMP NOT NULL
);

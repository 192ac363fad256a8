-- Categories of prompts, by way of their segments.

-- The form in which phrases of the taxonomy and segments of prompts are compared: words separated by one space,
-- lower case, no accents, no possessive s, no punctuation; every CJK character is a word of its own, since those
-- scripts put no spaces between words; a segment that is nothing but a face such as ":o" becomes "emoticon".
-- Whoever changes this macro does so in a new migration that also empties categorized_segments.
CREATE MACRO match_form(text) AS
    trim(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        strip_accents(lower(text)),
        '^\s*([:;=x>^@][-_ ]?[a-z0-9<>^()|/\\@]|\^ ?[_.]? ?\^|> ?[_.]? ?<|[ou0] ?[_.] ?[ou0]|t ?_ ?t)\s*$', 'emoticon'),
        '[''’`´]s\b', '', 'g'),
        '[''’`´]', '', 'g'),
        '([\p{Han}\p{Hiragana}\p{Katakana}ー])', ' \1 ', 'g'),
        '[^\p{L}\p{N}]+', ' ', 'g'));

-- The taxonomy that the rows below were made by, spelled out: one row for each phrase and category.
CREATE TABLE taxonomy_phrases (
    form          VARCHAR NOT NULL,
    phrase        VARCHAR NOT NULL,
    category      VARCHAR NOT NULL,
    nsfw_level    VARCHAR,
    scope         VARCHAR NOT NULL
);

CREATE TABLE categorized_segments (
    segment_id BIGINT NOT NULL
);

CREATE TABLE segment_categories (
    segment_id       BIGINT NOT NULL,
    word_position    INTEGER NOT NULL,
    word_count       INTEGER NOT NULL,
    category         VARCHAR NOT NULL,
    phrase           VARCHAR NOT NULL,
    nsfw_level       VARCHAR,
    taxonomy_version VARCHAR NOT NULL
);

CREATE TABLE prompt_categories (
    prompt_id        BIGINT NOT NULL,
    category         VARCHAR NOT NULL,
    confidence       DOUBLE NOT NULL,
    keywords         VARCHAR[] NOT NULL,
    weight           DOUBLE NOT NULL,
    is_primary       BOOLEAN NOT NULL,
    nsfw_level       VARCHAR NOT NULL,
    taxonomy_version VARCHAR NOT NULL
);

-- Categories from rare to common, as of the last categorization: decides between equal weights.
CREATE TABLE category_ranks (
    category     VARCHAR NOT NULL,
    prompt_count BIGINT NOT NULL,
    rarity_rank  BIGINT NOT NULL
);

-- For the curator: what many prompts say and no phrase of the taxonomy recognises.
CREATE VIEW unrecognised_segments AS
SELECT s.segment, count(DISTINCT ps.prompt_id) AS prompt_count
FROM prompt_segments ps
JOIN segments s USING (segment_id)
JOIN categorized_segments USING (segment_id)
WHERE segment_id NOT IN (SELECT segment_id FROM segment_categories)
GROUP BY s.segment;

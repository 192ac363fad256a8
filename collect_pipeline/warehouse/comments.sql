-- What the tables and columns mean: shown by DuckDB (duckdb_columns()) and by the Dagster UI.

COMMENT ON COLUMN model_versions.partition_key IS 'model id, @, version id: the tail of CivitAI''s AIR';
COMMENT ON COLUMN model_versions.model_type IS 'CivitAI''s words: Checkpoint, LORA, TextualInversion …';

COMMENT ON COLUMN collection_state.phase IS 'draining, confirming, following, suspect, failed';
COMMENT ON COLUMN collection_state.next_page_cursor IS 'opaque; what is asked next; NULL at the start and the end of a list';
COMMENT ON COLUMN collection_state.last_offset IS 'items received in the current leg of the walk';
COMMENT ON COLUMN collection_state.last_page_number IS 'pages received in the current leg of the walk';
COMMENT ON COLUMN collection_state.total_collected IS 'the number of images stored for this version, always';
COMMENT ON COLUMN collection_state.attempted IS 'items received, ever';
COMMENT ON COLUMN collection_state.saved IS 'of the items received, ever: images not stored before';
COMMENT ON COLUMN collection_state.duplicates IS 'of the items received, ever: images stored before';
COMMENT ON COLUMN collection_state.rejected IS 'of the items received, ever: could not be read';
COMMENT ON COLUMN collection_state.valid IS 'of the items received, ever: with a usable prompt';
COMMENT ON COLUMN collection_state.status IS 'idle, running, failed';
COMMENT ON COLUMN collection_state.browsing_level IS 'the mask that the walk asks for';
COMMENT ON COLUMN collection_state.walk IS 'what the walk needs beside: leg, last cursors, times';

COMMENT ON COLUMN raw_pages.page_number IS 'within its leg, from 1';
COMMENT ON COLUMN raw_pages.payload IS 'the body as received, byte for byte; stored with ZSTD';
COMMENT ON COLUMN raw_pages.browsing_level IS 'the mask that was asked for';
COMMENT ON COLUMN raw_pages.leg IS 'which leg of the version''s walk asked for it, counted from 1';
COMMENT ON COLUMN raw_pages.first_offset IS 'items received in the leg before this page';
COMMENT ON COLUMN raw_pages.image_ids IS 'in the order received; a page seen before is known by them';

COMMENT ON COLUMN images.prompt_id IS 'NULL until deduplicated, and for images without a prompt';
COMMENT ON COLUMN images.prompt IS 'as its maker wrote it';
COMMENT ON COLUMN images.media_type IS 'image, video, audio';
COMMENT ON COLUMN images.browsing_level IS 'one bit: 1 PG, 2 PG-13, 4 R, 8 X, 16 XXX';
COMMENT ON COLUMN images.nsfw_level IS 'CivitAI''s word: None, Soft, Mature, X, Blocked';
COMMENT ON COLUMN images.seed IS 'above 2^63 and below 0 both occur';
COMMENT ON COLUMN images.has_meta IS 'false: asked again once, since meta may be filled in later';
COMMENT ON COLUMN images.page_id IS 'the page that this row was read from';


COMMENT ON COLUMN prompt_resources.resource_type IS 'lower case: checkpoint, lora, lycoris, embedding, hypernetwork, vae …';
COMMENT ON COLUMN prompt_resources.source IS 'text, civitaiResources, resources, hashes';

COMMENT ON COLUMN rejected_items.position IS '0 for the first item of the page';

COMMENT ON COLUMN prompts.prompt_id IS 'from the md5 of the normalized text: the same in every warehouse';
COMMENT ON COLUMN prompts.prompt IS 'first spelling seen';
COMMENT ON COLUMN prompts.normalized IS 'segments joined by '', ''; '''' for a prompt of network tags only';
COMMENT ON COLUMN prompts.cluster_id IS 'near-duplicates share it: the smallest prompt_id among them';
COMMENT ON COLUMN prompts.image_count IS '0 once every image with it has got another prompt';
COMMENT ON COLUMN prompts.quality_score IS '0 to 100';
COMMENT ON COLUMN prompts.prompt_length IS 'characters of the first spelling';
COMMENT ON COLUMN prompts.tag_count IS 'segments';
COMMENT ON COLUMN prompts.best_reactions IS 'of its images, the highest reaction count';

COMMENT ON TABLE segments IS 'Segments: the pieces between commas, line breaks and sentence ends, in normal form. Text work is done once for each distinct segment, not once for each prompt.';
COMMENT ON COLUMN segments.segment_id IS 'from the md5 of its text';

COMMENT ON COLUMN prompt_segments.position IS '1 for the first segment of the prompt';

COMMENT ON TABLE prompt_bands IS 'Where near-duplicates meet: prompts that share a bucket are compared. Kept so that new prompts find the old ones.';
COMMENT ON COLUMN prompt_bands.is_prose IS 'which way the prompt is compared: by shingles of words, or by its segments';
COMMENT ON COLUMN prompt_bands.bucket IS 'a band of the prompt''s MinHash signature, folded into one number';

COMMENT ON TABLE taxonomy_phrases IS 'The taxonomy that the rows below were made by, spelled out: one row for each phrase and category.';
COMMENT ON COLUMN taxonomy_phrases.form IS 'match_form(phrase)';
COMMENT ON COLUMN taxonomy_phrases.category IS 'or negation, alternative, nothing: words that steer the matching';
COMMENT ON COLUMN taxonomy_phrases.nsfw_level IS 'only for category nsfw: suggestive, mature, explicit';
COMMENT ON COLUMN taxonomy_phrases.scope IS ''''' anywhere; whole: as all that a segment says; start: as its first words';

COMMENT ON TABLE taxonomy_source IS 'What taxonomy_phrases was spelled out from: while that stays the same, nothing is read or spelled again.';
COMMENT ON COLUMN taxonomy_source.fingerprint IS 'a hash of the taxonomy''s files and of what spells them out';

COMMENT ON COLUMN categorized_segments.segment_id IS 'looked at, whether or not anything was recognised';

COMMENT ON COLUMN segment_categories.word_position IS '1 for the first word of the segment''s match_form';
COMMENT ON COLUMN segment_categories.nsfw_level IS 'only for category nsfw: suggestive, mature, explicit';
COMMENT ON COLUMN segment_categories.taxonomy_version IS 'the one that this row was last worked out by';

COMMENT ON COLUMN prompt_categories.confidence IS '0 to 1';
COMMENT ON COLUMN prompt_categories.keywords IS 'the phrases found, in order of first occurrence';
COMMENT ON COLUMN prompt_categories.weight IS 'of the phrases found; decides the primary category';
COMMENT ON COLUMN prompt_categories.nsfw_level IS 'of the prompt: none, suggestive, mature, explicit';
COMMENT ON COLUMN prompt_categories.taxonomy_version IS 'the one that this row was last worked out by';

COMMENT ON TABLE category_ranks IS 'Categories from rare to common, as of the last categorization: decides between equal weights.';
COMMENT ON COLUMN category_ranks.rarity_rank IS '1 for the rarest';
COMMENT ON COLUMN raw_pages.media_type IS 'image, video, audio: what was asked for; NULL for all';

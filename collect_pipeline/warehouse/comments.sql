-- What the tables and columns mean: shown by DuckDB (duckdb_columns()) and by the Dagster UI.

COMMENT ON COLUMN model_versions.partition_key IS 'model id, @, version id: the tail of CivitAI''s AIR';
COMMENT ON COLUMN model_versions.model_type IS 'CivitAI''s words: Checkpoint, LORA, TextualInversion …';

COMMENT ON COLUMN collection_state.phase IS 'draining, confirming, following, suspect, failed';
COMMENT ON COLUMN collection_state.next_page_cursor IS 'opaque; what is asked next; NULL at the start and the end of a list';
COMMENT ON COLUMN collection_state.last_offset IS 'items received in the current leg of the walk, from where it began; at rest those of the last drain';
COMMENT ON COLUMN collection_state.last_page_number IS 'pages received in the current leg of the walk; at rest those of the last drain';
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
COMMENT ON COLUMN taxonomy_phrases.scope IS ''''' anywhere; whole: as all that a segment says; start, end: as its first, last words';

COMMENT ON TABLE taxonomy_source IS 'What taxonomy_phrases was spelled out from: while that stays the same, nothing is read or spelled again.';
COMMENT ON COLUMN taxonomy_source.fingerprint IS 'a hash of the taxonomy''s files and of what spells them out';

COMMENT ON COLUMN categorized_segments.segment_id IS 'looked at, whether or not anything was recognised';

COMMENT ON COLUMN segment_categories.word_position IS '1 for the first word of the segment''s match_form';
COMMENT ON COLUMN segment_categories.nsfw_level IS 'only for category nsfw: suggestive, mature, explicit';
COMMENT ON COLUMN segment_categories.taxonomy_version IS 'the one that this row was last worked out by';

COMMENT ON COLUMN prompt_categories.confidence IS '0 to 1';
COMMENT ON COLUMN prompt_categories.keywords IS 'the phrases found, in order of first occurrence';
COMMENT ON COLUMN prompt_categories.weight IS 'number of phrases found, where those that directly follow each other are one and a phrase that only announces a subject ("photo of") is none; 0.5 where nothing else is found; decides the primary category';
COMMENT ON COLUMN prompt_categories.nsfw_level IS 'of the prompt: none, suggestive, mature, explicit';
COMMENT ON COLUMN prompt_categories.taxonomy_version IS 'the one that this row was last worked out by';

COMMENT ON TABLE category_ranks IS 'Categories from rare to common, as of the last categorization: decides between equal weights.';
COMMENT ON COLUMN category_ranks.rarity_rank IS '1 for the rarest';
COMMENT ON COLUMN raw_pages.media_type IS 'image, video, audio: what was asked for; NULL for all';

COMMENT ON VIEW v_prompts IS 'One row for each distinct prompt, with its categories, images and versions.';
COMMENT ON COLUMN v_prompts.prompt_id IS 'the same for the same normalized text in every warehouse';
COMMENT ON COLUMN v_prompts.prompt IS 'as its maker wrote it, in the first spelling seen';
COMMENT ON COLUMN v_prompts.normalized IS 'normal form: lower case, without weights, bracket emphasis and LoRA tags; segments joined by '', ''';
COMMENT ON COLUMN v_prompts.cluster_id IS 'near-duplicates share it: the smallest prompt_id among them';
COMMENT ON COLUMN v_prompts.prompt_length IS 'characters of the prompt';
COMMENT ON COLUMN v_prompts.tag_count IS 'segments of the normal form';
COMMENT ON COLUMN v_prompts.quality_score IS '0 to 100, from praise, detail, length and reactions';
COMMENT ON COLUMN v_prompts.image_count IS 'images collected with this prompt';
COMMENT ON COLUMN v_prompts.reaction_count IS 'reactions of all its images together';
COMMENT ON COLUMN v_prompts.best_reactions IS 'of its images, the highest reaction count';
COMMENT ON COLUMN v_prompts.browsing_level IS 'maturity of its images, added up: 1 PG, 2 PG-13, 4 R, 8 X, 16 XXX';
COMMENT ON COLUMN v_prompts.nsfw_level IS 'of the wording: none, suggestive, mature, explicit; NULL until categorized';
COMMENT ON COLUMN v_prompts.primary_category IS 'the category that weighs most; uncategorized if no phrase is known; NULL until categorized';
COMMENT ON COLUMN v_prompts.confidence IS '0 to 1, of the primary category';
COMMENT ON COLUMN v_prompts.categories IS 'all categories of the prompt, the primary one first';
COMMENT ON COLUMN v_prompts.keywords IS 'category → the phrases found that say so';
COMMENT ON COLUMN v_prompts.model_version_ids IS 'the model versions that its images were found under, in the order found';
COMMENT ON COLUMN v_prompts.first_seen_at IS 'when its first image was collected, UTC';

COMMENT ON VIEW v_images IS 'One row for each image, with the versions it was found under and the category of its prompt.';
COMMENT ON COLUMN v_images.image_id IS 'CivitAI''s id of the image';
COMMENT ON COLUMN v_images.page_url IS 'the image''s page on CivitAI';
COMMENT ON COLUMN v_images.prompt_id IS 'the distinct prompt; NULL for images without a prompt';
COMMENT ON COLUMN v_images.prompt IS 'as its maker wrote it; NULL if the maker shows none';
COMMENT ON COLUMN v_images.negative_prompt IS 'what the maker asked the model to leave out';
COMMENT ON COLUMN v_images.primary_category IS 'of its prompt';
COMMENT ON COLUMN v_images.prompt_nsfw_level IS 'of the prompt''s wording: none, suggestive, mature, explicit';
COMMENT ON COLUMN v_images.model_version_ids IS 'the model versions that it was found under, in the order found';
COMMENT ON COLUMN v_images.post_id IS 'CivitAI''s id of the post that holds the image';
COMMENT ON COLUMN v_images.username IS 'who posted it';
COMMENT ON COLUMN v_images.created_at IS 'when it was posted, UTC';
COMMENT ON COLUMN v_images.url IS 'address of the picture or video file';
COMMENT ON COLUMN v_images.width IS 'pixels';
COMMENT ON COLUMN v_images.height IS 'pixels';
COMMENT ON COLUMN v_images.media_type IS 'image, video, audio';
COMMENT ON COLUMN v_images.browsing_level IS 'CivitAI''s maturity level: 1 PG, 2 PG-13, 4 R, 8 X, 16 XXX';
COMMENT ON COLUMN v_images.nsfw_level IS 'CivitAI''s word for the maturity: None, Soft, Mature, X, Blocked';
COMMENT ON COLUMN v_images.base_model IS 'the family of the model, such as SDXL 1.0 or Flux.1 D';
COMMENT ON COLUMN v_images.model_name IS 'the checkpoint, as the generation data name it';
COMMENT ON COLUMN v_images.reaction_count IS 'reactions when it was last seen';
COMMENT ON COLUMN v_images.comment_count IS 'comments when it was last seen';
COMMENT ON COLUMN v_images.seed IS 'of the random numbers; may exceed 64 bits';
COMMENT ON COLUMN v_images.steps IS 'sampling steps';
COMMENT ON COLUMN v_images.sampler IS 'name of the sampler, as the maker''s program spells it';
COMMENT ON COLUMN v_images.cfg_scale IS 'guidance scale';
COMMENT ON COLUMN v_images.first_collected_at IS 'when it was collected first, UTC';
COMMENT ON COLUMN v_images.last_seen_at IS 'when it was last seen, UTC';

COMMENT ON VIEW v_resources IS 'One row for each LoRA, checkpoint, embedding … as images name it, with how often it is used.';
COMMENT ON COLUMN v_resources.resource_type IS 'lower case: checkpoint, lora, lycoris, embedding, hypernetwork, vae …';
COMMENT ON COLUMN v_resources.resource_name IS 'as the images name it; NULL where only an id or a hash is given';
COMMENT ON COLUMN v_resources.model_version_id IS 'CivitAI''s id, where the image gives one';
COMMENT ON COLUMN v_resources.image_count IS 'images that name it';
COMMENT ON COLUMN v_resources.prompt_count IS 'distinct prompts of those images';
COMMENT ON COLUMN v_resources.mean_weight IS 'mean of the weights given; NULL if none is';
COMMENT ON COLUMN v_resources.sources IS 'where it is named: text, civitaiResources, resources, hashes';
COMMENT ON COLUMN v_resources.partition_key IS 'of the followed version with this id';
COMMENT ON COLUMN v_resources.model_name IS 'of the followed version with this id';
COMMENT ON COLUMN v_resources.version_name IS 'of the followed version with this id';
COMMENT ON COLUMN v_resources.followed IS 'whether it is a version that is followed now';

COMMENT ON VIEW v_category_counts IS 'One row for each category that a prompt has, uncategorized among them.';
COMMENT ON COLUMN v_category_counts.category IS 'the category';
COMMENT ON COLUMN v_category_counts.prompt_count IS 'prompts in it; a prompt counts in each of its categories';
COMMENT ON COLUMN v_category_counts.primary_count IS 'prompts of which it is the primary category';
COMMENT ON COLUMN v_category_counts.image_count IS 'images with those prompts';
COMMENT ON COLUMN v_category_counts.share IS 'of all categorized prompts, 0 to 1; shares add up to more than 1';
COMMENT ON COLUMN v_category_counts.mean_confidence IS '0 to 1';

COMMENT ON VIEW v_collection IS 'One row for each version that is or was followed: how far it is, what is stored, what is wrong.';
COMMENT ON COLUMN v_collection.partition_key IS 'model id, @, version id';
COMMENT ON COLUMN v_collection.model_id IS 'CivitAI''s id of the model';
COMMENT ON COLUMN v_collection.model_version_id IS 'CivitAI''s id of the version';
COMMENT ON COLUMN v_collection.model_name IS 'as CivitAI shows it';
COMMENT ON COLUMN v_collection.version_name IS 'as CivitAI shows it';
COMMENT ON COLUMN v_collection.model_type IS 'CivitAI''s words: Checkpoint, LORA, TextualInversion …';
COMMENT ON COLUMN v_collection.base_model IS 'the family that the version belongs to, such as SDXL 1.0';
COMMENT ON COLUMN v_collection.creator IS 'who published the model';
COMMENT ON COLUMN v_collection.published_at IS 'when the version was published, UTC';
COMMENT ON COLUMN v_collection.followed IS 'false once it is not collected any more';
COMMENT ON COLUMN v_collection.phase IS 'not begun, draining, confirming, following, suspect, failed';
COMMENT ON COLUMN v_collection.status IS 'idle, running, failed: what the last run left';
COMMENT ON COLUMN v_collection.image_count IS 'images stored for it';
COMMENT ON COLUMN v_collection.images_with_prompt IS 'of them with a prompt';
COMMENT ON COLUMN v_collection.prompt_count IS 'distinct prompts among them';
COMMENT ON COLUMN v_collection.rejected_count IS 'items that could not be read, ever';
COMMENT ON COLUMN v_collection.page_count IS 'pages stored';
COMMENT ON COLUMN v_collection.levels IS 'maturity levels collected, such as PG, PG-13';
COMMENT ON COLUMN v_collection.next_page_cursor IS 'what is asked next; NULL at the start and the end of a list';
COMMENT ON COLUMN v_collection.last_error IS 'one sentence, or NULL';
COMMENT ON COLUMN v_collection.last_page_at IS 'when the last page was stored, UTC';
COMMENT ON COLUMN v_collection.last_successful_fetch_at IS 'UTC';
COMMENT ON COLUMN raw_pages.partition_key IS 'the version whose gallery it is a page of; legacy for a page made of rows of the old tool''s database';
COMMENT ON COLUMN raw_pages.sort IS 'Oldest, Newest; legacy for a page made of rows of the old tool''s database: its legacy_rows stand beside items';

COMMENT ON TABLE legacy_prompt_categories IS 'Categories as the old tool found them, under its names. Ours are in prompt_categories.';
COMMENT ON COLUMN legacy_prompt_categories.confidence IS 'as the old tool wrote it; NULL if that was no number';

COMMENT ON TABLE legacy_collection_state IS 'How far the old tool was, as it wrote it. Ours is in collection_state.';
COMMENT ON COLUMN legacy_collection_state.partition_key IS 'the version that the row was taken over for; NULL if it names none';
COMMENT ON COLUMN legacy_collection_state.next_page_cursor IS 'as the old tool wrote it, without keys';
COMMENT ON COLUMN legacy_collection_state.cursor IS 'the cursor in next_page_cursor';
COMMENT ON COLUMN legacy_collection_state.remark IS 'what was made of the cursor, or why nothing was made of the row';

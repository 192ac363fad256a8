-- A gallery that the search does not show to its end is walked in parts, the smallest of them by media type.

ALTER TABLE raw_pages ADD COLUMN media_type VARCHAR;  -- image, video, audio: what was asked for; NULL for all

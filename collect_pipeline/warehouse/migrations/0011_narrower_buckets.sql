-- Buckets are numbers of 40 bits now: the lower ones of what they were.

UPDATE prompt_bands SET bucket = bucket & ((1::BIGINT << 40) - 1);

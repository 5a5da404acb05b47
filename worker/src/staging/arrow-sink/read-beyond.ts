/** Bytes after the last text of a batch: the sink reads texts by words, the last of them beyond its end. */
export const READ_BEYOND = 16;

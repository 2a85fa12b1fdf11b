// What every run has in common.

/** Records of one batch: about 6.6 kB. */
export const recordsPerBatch = 22
/** Connections of the load; each has one request under way. */
export const connections = 64

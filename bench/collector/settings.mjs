// Settings of every run.

/** Records of one batch, unless `--records` says otherwise: about 6.6 kB. */
export const recordsPerBatch = 22
/** Connections of the load. Each has one request in flight. */
export const connections = 64

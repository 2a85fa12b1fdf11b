// Limits of what an operator sees of the collectors.

/** How long a collector counts as running after it has said so. */
export const presenceLeaseMs = 45_000
/** How often a collector says that it runs. */
export const presenceRenewMs = 15_000
/** How long a collector whose lease has ended is kept. It is more than clocks of collectors differ. */
export const presenceKeepMs = 24 * 3_600_000
/** After how long the clock of a process is believed, although by it all records of a site are too old. */
export const clockTrustMs = 3_600_000

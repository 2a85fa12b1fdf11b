/**
 * Step 6 of `migrations`: visits, sessions and events of a whole site in the order of time, and the visits of a browser.
 * An index contains the key of its table too. The step is published and never changes.
 */
export const step6 = `
  CREATE INDEX visits_in_order ON visits (site, startDate);
  CREATE INDEX visits_of_browser ON visits (site, globalVisitID, startDate);
  CREATE INDEX sessions_in_order ON sessions (site, startDate, sessionID);
  CREATE INDEX events_by_receipt ON events (site, serverTimestamp);
  `

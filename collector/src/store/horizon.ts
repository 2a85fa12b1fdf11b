/** The name of a list. */
export type ListName = 'events' | 'pages' | 'sessions' | 'visits' | 'identities' | 'receipts'

/** The name of a list whose horizon can be found. */
export type Horizon = Exclude<ListName, 'identities'>

/**
 * Where a horizon is looked for: in the list of the whole site, or in the visits of a browser, the sessions of an identity, the events or
 * pages of all visits in which an identity was signed in, or those of a visit. Of a session, it is looked for in the events of its visit
 * that are not later than its last one.
 */
export interface Within {
  readonly globalVisitID?: string
  readonly identityId?: string
  readonly visitID?: string
  readonly sessionID?: string
}

/** What differs between the SQL of the databases. */
export interface SqlDialect {
  /** The text before the name of a table. */
  readonly schema: string
  /** The function that finds one text in another. */
  readonly find: string
  /** The text after a column that makes it compare by bytes, for columns that would not. */
  readonly byBytes: string
  /** The text after a column that makes it compare as the columns do by which rows are distributed. */
  readonly asDistributed: string
  /**
   * The text after `sessions AS …` that makes the sessions of an identity be looked up by their index. Without it, SQLite may
   * read all sessions of the site.
   */
  readonly byIdentity: string
  /** The same for the visits of a browser. */
  readonly byBrowser: string
}

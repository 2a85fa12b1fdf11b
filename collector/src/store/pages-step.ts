/**
 * Makes the step of `migrations` after which an index has the pages of a visit in their order. Without it, each read of such a list
 * sorts all pages of the visit. The step is published and never changes.
 *
 * @param schema what stands before the name of a table.
 */
export function makePagesStep(schema: string): string {
  return `CREATE INDEX pages_in_order ON ${schema}pages ("site", "visitID", "startDate", "pageID")`
}

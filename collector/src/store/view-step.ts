/**
 * Makes the step of `migrations` after which corrections of a page are ordered by the collector's clock: `viewedAt` is by
 * that clock, and `viewLead` is what the browser told more. Before, `viewLead` was how far the correction was ahead of its
 * receipt. The step is published and never changes.
 *
 * @param table the name of the table of pages.
 */
export function makeViewStep(table: string): string {
  const [at, lead] = ['"viewedAt"', '"viewLead"']
  const isAhead = `${lead} > 300000`
  return `UPDATE ${table} SET ${at} = CASE WHEN ${isAhead} THEN ${at} - ${lead} ELSE ${at} END,
    ${lead} = CASE WHEN ${isAhead} THEN ${lead} ELSE 0 END WHERE ${at} > 0`
}

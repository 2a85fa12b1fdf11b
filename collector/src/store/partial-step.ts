/**
 * Makes the step of `migrations` after which two indexes have only the rows that are looked for by them: the names of
 * identities and anonymous visits are not. The step is published and never changes.
 *
 * @param schema what stands before the name of a table.
 */
export function makePartialStep(schema: string): readonly string[] {
  return [
    `DROP INDEX ${schema}traits_by_value`,
    `CREATE INDEX traits_by_value ON ${schema}traits ("site", "trait", "value", "identityId") WHERE "trait" <> 'name'`,
    `DROP INDEX ${schema}visits_of_browser`,
    `CREATE INDEX visits_of_browser ON ${schema}visits ("site", "globalVisitID", "startDate") WHERE "globalVisitID" <> ''`,
  ]
}

/**
 * Makes the statements of the step of `migrations` that mends what earlier versions have left. The step is published and never changes.
 *
 * - They stored refused records of no visit, which nothing could remove.
 * - They could count a session that was erased at the same moment, and leave it in the lists. Such visits are counted anew.
 *
 * @param schema what stands before the name of a table.
 * @param now the SQL of the present time, Unix epoch, ms.
 */
export function makeLeftoversStep(schema: string, now: string): readonly [refused: string, counted: string] {
  const gone = `SELECT d.site, d."visitID" FROM ${schema}digests AS d WHERE NOT EXISTS
      (SELECT 1 FROM ${schema}visits AS v WHERE v.site = d.site AND v."visitID" = d."visitID")
    UNION SELECT l.site, l."visitID" FROM ${schema}listed AS l WHERE NOT EXISTS
      (SELECT 1 FROM ${schema}sessions AS s
       WHERE s.site = l.site AND s."visitID" = l."visitID" AND s."sessionID" = l."sessionID")`
  return [
    `DELETE FROM ${schema}refused WHERE "visitID" = ''`,
    `INSERT INTO ${schema}changed (site, "visitID", since, n)
    SELECT gone.site, gone."visitID", ${now}, 1 FROM (${gone}) AS gone WHERE true ON CONFLICT DO NOTHING`,
  ]
}

const [refused, counted] = makeLeftoversStep('sojourn.', '(extract(epoch FROM now()) * 1000)::bigint')

/** The step in PostgreSQL. Citus does not compare what all nodes have with what each has, so that nothing is counted anew there. */
export const postgresLeftoversStep: readonly string[] = [
  refused,
  `DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN ${counted}; END IF; END $$`,
]

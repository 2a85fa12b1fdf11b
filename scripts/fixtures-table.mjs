import { engines, titles } from '../e2e/faults/table.ts'

/** What stands between the ends of the table in a document. */
const table = /(<!-- driven: npm run fixtures -- --note -->\n)[\s\S]*?(<!-- end -->)/

/** What stands where an application was not driven. */
const none = '–'

/**
 * Counts how many promises each application has kept in each engine.
 *
 * @param report the report of Playwright, as its reporter `json` writes it.
 * @param applications each with its `name`, which may be "next (development server)".
 * @returns `{ name, engine, kept, promised }` for each.
 */
export function countKept(report, applications) {
  const groups = report.suites.flatMap(file => file.suites ?? [])
  return applications.flatMap(({ name }) =>
    engines.flatMap(engine => {
      const title = `${name} in ${titles[engine]}`
      const specs = groups.filter(one => one.title === title).flatMap(one => one.specs)
      return specs.length ? [{ name, engine, kept: specs.filter(one => one.ok).length, promised: specs.length }] : []
    }),
  )
}

/**
 * Writes what was driven into the table of a document. What was not driven this time stays as it was.
 *
 * @param text the document.
 * @param driven what `countKept` gives.
 * @returns the document with the new table.
 * @throws if the document has no place for the table.
 */
export function noteDriven(text, driven) {
  const [found] = table.exec(text) ?? []
  if (!found) throw new Error('The document has no place for the table')
  const rows = new Map(
    [...found.matchAll(/^\| (?!fixture|-)(.+?) \|(.*)\|$/gm)].map(([, name, cells]) => [
      name,
      cells.split('|').map(cell => cell.trim()),
    ]),
  )
  for (const { name, engine, kept, promised } of driven) {
    const cells = rows.get(name) ?? engines.map(() => none)
    cells[engines.indexOf(engine)] = `${kept} of ${promised}`
    rows.set(name, cells)
  }
  const lines = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, cells]) => `| ${name} | ${cells.join(' | ')} |`)
  const head = [`| fixture | ${engines.map(engine => titles[engine]).join(' | ')} |`, '|---|---|---|---|']
  return text.replace(table, (_all, begin, end) => `${begin}${[...head, ...lines].join('\n')}\n${end}`)
}

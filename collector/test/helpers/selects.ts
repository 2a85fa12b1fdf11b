import { type Listed, orders } from '../../src/store/lists.js'
import type { SqlDialect } from '../../src/store/sql/dialect.js'
import { type Select, toSelect, toSelectOne } from '../../src/store/sql/select.js'
import { toSelectBeyond, toSelectHorizon } from '../../src/store/sql/select-horizon.js'
import { toSelectSessions } from '../../src/store/sql/select-sessions.js'
import { toSelectEnds, toSelectOpen, toSelectPlausible } from '../../src/store/sql/select-times.js'
import { toExportSource } from '../../src/store/sql/source.js'

/** Every combination of filters for each list, by name. */
const filterNames: Readonly<Record<Listed, readonly (readonly string[])[]>> = {
  events: [['visitID'], ['visitID', 'sessionID'], ['visitID', 'pageID'], ['identityId']].flatMap(of =>
    [...combinations(['eventName', 'eventType', 'category', 'url'])].map(more => [...of, ...more]),
  ),
  pages: [['visitID'], ['visitID', 'sessionID'], ['identityId']].flatMap(of =>
    [...combinations(['url', 'title', 'category'])].map(more => [...of, ...more]),
  ),
  sessions: [[], ['automated'], ['visitID'], ['visitID', 'identityId'], ['identityId']],
  receipts: ['', 'eventName', 'identityId', 'automated'].map(name => (name ? [name] : [])),
  visits: [
    [],
    ['automated'],
    ['globalVisitID'],
    ['identityId'],
    ['identityId', 'globalVisitID'],
    ['identityId', 'globalVisitID', 'userAgent'],
  ],
  identities: [...combinations(['visitID', 'location', 'userAgent'])],
}

/**
 * Makes every query that a store can run, with a name.
 *
 * @param values of the filters, by name. `x` for a filter that is not named.
 */
export function everySelect(
  dialect: SqlDialect,
  values: Readonly<Record<string, string>> = {},
): readonly (readonly [name: string, select: Select])[] {
  const of = (name: string): string => values[name] ?? 'x'
  const lists = (Object.keys(filterNames) as Listed[]).flatMap(listed =>
    filterNames[listed].flatMap(names =>
      ['', 'since', 'after', 'since and after', 'since, newest first', 'after, newest first'].map(range => {
        const filter = Object.fromEntries(names.map(name => [name, of(name)]))
        const after = { after: orders[listed].map(name => (/Date|stamp|Stamp|seq/.test(name) ? 1 : of(name))) }
        const part = {
          limit: 10,
          ...(/newest/.test(range) && { isDescending: true, until: 1e9 }),
          ...(/since/.test(range) && { since: 1 }),
          ...(/after/.test(range) && after),
        }
        return [`${listed} by ${names.join()} ${range}`, toSelect(dialect, 'default', listed, filter, part)] as const
      }),
    ),
  )
  const horizons = (
    [
      ['visits', {}],
      ['visits', { globalVisitID: of('globalVisitID') }],
      ['sessions', {}],
      ['sessions', { identityId: of('identityId') }],
      ['receipts', {}],
      ...(['events', 'pages'] as const).flatMap(listed =>
        [{ visitID: of('visitID') }, { identityId: of('identityId') }].map(within => [listed, within] as const),
      ),
      ['events', { visitID: of('visitID'), sessionID: of('sessionID') }],
    ] as const
  ).flatMap(([listed, within]) =>
    [true, false].map(isDescending => {
      const name = `horizon of ${listed} by ${Object.keys(within).join()} ${isDescending ? 'newest first' : ''}`
      return [name, toSelectHorizon(dialect, 'default', listed, within, { since: 1, isDescending }, 50)] as const
    }),
  )
  const ones = (['pages', 'sessions', 'visits', 'identities'] as const).map(listed => {
    const id = of(listed === 'identities' ? 'identityId' : `${listed.slice(0, -1)}ID`)
    return [`one of the ${listed}`, toSelectOne(dialect, 'default', listed, id)] as const
  })
  const others = [
    ['whether an identity is signed in', toSelectOpen(dialect, 'default', { identityId: of('identityId') }, 1, 'all')],
    [
      'whether an identity is signed in during a visit',
      toSelectOpen(dialect, 'default', { identityId: of('identityId'), visitID: of('visitID') }, 1, 'all'),
    ],
    ...(['claimed', 'suspects'] as const).map(
      which =>
        [
          `the open session of a visit, of the ${which}`,
          toSelectOpen(dialect, 'default', { visitID: of('visitID') }, 1, which),
        ] as const,
    ),
    ['sessions of a visit by key', toSelectSessions(dialect, 'default', of('visitID'), 'a', 10)],
    [
      'what the events of a visit say',
      toSelectPlausible(dialect, 'default', of('visitID'), 0, 'sessionID', [of('sessionID')]),
    ],
    [
      'what is exported',
      toSelect(
        dialect,
        'default',
        'receipts',
        {},
        { after: [1, 'x', 'x'], until: 1e9, limit: 10 },
        toExportSource(dialect),
      ),
    ],
    ...(['visits', 'receipts'] as const).map(listed => {
      const part = { until: 30, since: 1, limit: 10, isDescending: true, isOfSite: true }
      const select = toSelect(dialect, 'default', listed, { identityId: of('identityId') }, part)
      return [`${listed} of the site with an identity`, select] as const
    }),
    ...(['sessions', 'events'] as const).map(
      listed =>
        [
          `whether an identity has more ${listed}`,
          toSelectBeyond(dialect, 'default', listed, of('identityId'), 50),
        ] as const,
    ),
    ['the ends of a session', toSelectEnds(dialect, 'default', of('visitID'), of('sessionID'), 1)],
  ] as const
  return [...lists, ...horizons, ...ones, ...others]
}

function* combinations(names: readonly string[]): Generator<string[]> {
  for (let bits = 0; bits < 1 << names.length; bits++) yield names.filter((_, n) => bits & (1 << n))
}

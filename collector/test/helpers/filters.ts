import type { Listed } from '../../src/store/select.js'

/** Every combination of filters that a list can be asked for with, by name. */
export const filterNames: Readonly<Record<Listed, readonly (readonly string[])[]>> = {
  events: [['visitID'], ['visitID', 'sessionID'], ['visitID', 'pageID'], ['identityId']].flatMap(of =>
    [...combinations(['eventName', 'eventType', 'category', 'url'])].map(more => [...of, ...more]),
  ),
  pages: [['visitID'], ['visitID', 'sessionID'], ['identityId']].flatMap(of =>
    [...combinations(['url', 'title', 'category'])].map(more => [...of, ...more]),
  ),
  sessions: [['visitID'], ['visitID', 'identityId'], ['identityId']],
  visits: [['identityId'], ['identityId', 'globalVisitID'], ['identityId', 'globalVisitID', 'userAgent']],
  identities: [...combinations(['location', 'userAgent'])],
}

/** Every way in which a part of a list can be asked for; `after` bears the values by which the list is ordered. */
export const ranges: readonly { readonly since?: number; readonly isAfter?: boolean }[] = [
  {},
  { since: 1 },
  { isAfter: true },
  { since: 1, isAfter: true },
]

function* combinations(names: readonly string[]): Generator<string[]> {
  for (let bits = 0; bits < 1 << names.length; bits++) yield names.filter((_, n) => bits & (1 << n))
}

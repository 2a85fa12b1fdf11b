import { type Listed, orders } from '../../src/store/lists.js'
import type { CollectorStore, Horizon, Range, Within } from '../../src/store/store.js'

// Every list and every other read of a store that contains arrivals of `anyArrivals`.

type List = (store: CollectorStore, range: Range) => Promise<readonly object[]>

const ids = ['a', 'b', 'c']
const places = [...ids.map(visitID => ({ visitID })), ...ids.map(identityId => ({ identityId }))]
const parts = ids.flatMap(id => [
  { visitID: 'a', sessionID: id },
  { visitID: 'b', sessionID: id },
  { visitID: 'b', pageID: id },
])
const eventFilters = [
  {},
  { eventName: 'Search' },
  { eventType: 'SYSTEM' },
  { category: 'x' },
  { url: '🛒', category: '' },
]
const pageFilters = [{}, { url: 'x' }, { title: '\ufffd', category: 'x' }]

/** Each list, with the fields that it is ordered by. */
export const lists: readonly (readonly [readonly string[], List])[] = [
  ...[...places, ...parts].flatMap(place => [
    ...eventFilters.map(filter => [orders.events, listOf('events', { ...place, ...filter })] as const),
    ...pageFilters.map(filter => [orders.pages, listOf('pages', { ...place, ...filter })] as const),
  ]),
  ...[...places, { visitID: 'a', identityId: 'b' }].map(place => [orders.sessions, listOf('sessions', place)] as const),
  ...ids.flatMap(identityId =>
    [{}, { globalVisitID: 'x' }, { userAgent: '🛒' }].map(
      filter => [orders.visits, listOf('visits', { identityId, ...filter })] as const,
    ),
  ),
  ...[{}, { location: 'x' }, { location: '' }, { userAgent: 'ä' }, { location: 'x', userAgent: 'x' }].map(
    filter => [orders.identities, listOf('identities', filter)] as const,
  ),
  ...(['visits', 'sessions', 'receipts'] as const).flatMap(listed =>
    [{}, { automated: 'exclude' }, { automated: 'only' }, { identityId: 'a' }].flatMap(filter =>
      [false, true].map(isDescending => [orders[listed], listOf(listed, filter, { isDescending })] as const),
    ),
  ),
  ...(['visits', 'receipts'] as const).flatMap(listed =>
    ids.map(
      identityId => [orders[listed], listOf(listed, { identityId }, { isDescending: true, isOfSite: true })] as const,
    ),
  ),
  [orders.visits, listOf('visits', { globalVisitID: 'x' }, { isDescending: true, until: 3 })],
  [orders.visits, listOf('visits', { globalVisitID: 'x', automated: 'exclude' }, { until: 2 })],
  ...ids.flatMap(identityId => [
    [orders.visits, listOf('visits', { identityId, globalVisitID: 'x' }, { isOfSite: true })] as const,
    [orders.sessions, listOf('sessions', { identityId, automated: 'only' }, { isDescending: true, until: 2 })] as const,
  ]),
  [orders.receipts, listOf('receipts', { eventName: 'Search', url: '🛒' }, { isDescending: true })],
  ...ids.map(visitID => [orders.identities, listOf('identities', { visitID })] as const),
]

/** Each place that a horizon is looked for in. */
const horizons: readonly (readonly [Horizon, Within])[] = [
  ...(['visits', 'sessions', 'receipts'] as const).map(listed => [listed, {}] as const),
  ['visits', { globalVisitID: 'x' }],
  ...ids.flatMap(id => [
    ['sessions', { identityId: id }] as const,
    ...(['events', 'pages'] as const).flatMap(listed =>
      [{ identityId: id }, { visitID: id }].map(within => [listed, within] as const),
    ),
    ...['a', 'b'].map(visitID => ['events', { visitID, sessionID: id }] as const),
  ]),
]

// Identities with the same first session have no defined order.
const total = lists.filter(([order]) => order !== orders.identities)

/** Each read, with and without a range. */
export const allReads: readonly ((store: CollectorStore) => Promise<unknown>)[] = [
  ...[0, 9].map(n => (store: CollectorStore) => store.of('default').exported({ limit: n })),
  ...horizons.flatMap(([listed, within]) =>
    [0, 1, 4].flatMap(items =>
      [{}, { since: 1 }, { after: [2, ''] }, { isDescending: true, until: 2 }].map(
        range => (store: CollectorStore) => store.of('default').horizon(listed, within, range, items),
      ),
    ),
  ),
  ...(['visits', 'receipts'] as const).flatMap(listed =>
    ids.flatMap(identityId =>
      [0, 1, 2, 4].map(items => (store: CollectorStore) => store.of('default').hasMoreThan(listed, identityId, items)),
    ),
  ),
  ...total.map(
    ([, list]) =>
      (store: CollectorStore) =>
        list(store, { limit: 100 }),
  ),
  ...total.map(
    ([, list]) =>
      (store: CollectorStore) =>
        list(store, { since: 2, limit: 2 }),
  ),
  ...[1, 4, 1_800_002].map(now => (store: CollectorStore) => store.of('default').active(now)),
  ...[2, 20].map(limit => (store: CollectorStore) => store.of('default').latest(limit)),
  ...ids.flatMap(id => [
    (store: CollectorStore) => store.of('default').session(id),
    (store: CollectorStore) => store.of('default').visit(id),
    (store: CollectorStore) => store.of('default').page(id),
    (store: CollectorStore) => store.of('default').identity(id),
    ...[1, 1_800_002].flatMap(now => [
      (store: CollectorStore) => store.of('default').openSession(id, now),
      (store: CollectorStore) => store.of('default').isSignedIn('a', now, id),
    ]),
    ...[1, 3, 5].map(now => (store: CollectorStore) => store.of('default').isSignedIn(id, now)),
    (store: CollectorStore) => store.of('default').isSignedIn(id, 1_800_002),
  ]),
]

function listOf(listed: Listed, filter: object, more: Range = {}): List {
  return (store, range) => store.of('default')[listed](filter as never, { ...more, ...range })
}

import { golden } from './batches.js'
import { bodyOf, collectorWith } from './collector.js'

/** Makes a collector that has stored the golden batches with these names. */
export async function collectorOf(...names: string[]) {
  const collector = collectorWith()
  for (const name of names) await collector.send(golden(name).batch)
  return {
    ...collector,
    gwe: (path: string) => collector.json(`/backend/data${path}`),
    own: (path: string) => collector.json(`/v1${path}`),
    statusOf: async (path: string) => (await collector.get(`/backend/data${path}`)).status,
    errorOf: async (path: string) => {
      const response = await collector.get(`/backend/data${path}`)
      return [response.status, (await bodyOf(response)).error]
    },
  }
}

import type { Numbers } from '../numbers.js'

const no = (): Promise<never> => Promise.reject(new Error('this store does not count yet'))

/** Numbers that reject. */
export const noNumbers: Numbers = {
  days: no,
  durations: no,
  ranking: no,
  properties: no,
  values: no,
  funnel: no,
  sessions: no,
  behind: no,
}

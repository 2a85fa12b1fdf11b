import { start } from './clock.js'

let made = 0

/** Unique ids that sort by the time of their making, as the composition root makes them. */
export function timedIds(now: () => number = () => start): () => string {
  return () => now().toString(36).padStart(9, '0') + (++made).toString(36).padStart(12, '0')
}

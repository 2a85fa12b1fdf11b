/** What has become of the records of this page load: made = stored + owed + dropped. */
export interface Counts {
  /** Records that this page made, and those that it took over from pages that are gone. */
  made: number
  /** Records that the collector has named as stored. */
  stored: number
  /** By reason: `refused:<code>`, `gone`, `full`, `cleared`, `damaged`, `denied`, `forgotten`, `consent`. */
  readonly dropped: Record<string, number>
}

/** Counts records as dropped. */
export function countDrop({ dropped }: Counts, count: number, reason: string): void {
  if (count) dropped[reason] = (dropped[reason] || 0) + count
}

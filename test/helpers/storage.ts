/** What stands in a storage, by name. */
export function itemsOf(storage: Storage): Record<string, string> {
  return { ...(storage as unknown as Record<string, string>) }
}

/** A promise of a contract. */
export interface Check {
  /** What is promised, in a sentence. */
  readonly name: string
  /** Rejects with an error that says what was found if the promise is not kept. */
  run(): Promise<void>
}

/** Makes a check of each body, which is given what `make` makes. */
export function toChecks<T>(
  make: () => T | Promise<T>,
  bodies: Readonly<Record<string, (made: T) => Promise<void>>>,
): Check[] {
  return Object.keys(bodies).map(name => ({
    name,
    async run() {
      await bodies[name]?.(await make())
    },
  }))
}

/**
 * @throws an error that shows both if they are not equal as JSON. `undefined` and `null` count as equal. Of long ones it shows where
 * they begin to differ.
 */
export function expectEqual(found: unknown, wanted: unknown): void {
  const [one = '', other = ''] = [found, wanted].map(value => JSON.stringify(value ?? null))
  if (one === other) return
  let same = 0
  while (one[same] === other[same]) same++
  throw new Error(`expected ${cut(other, same)}, but found ${cut(one, same)}`)
}

/** @throws an error if the promise is fulfilled. */
export async function expectRejection(run: () => Promise<unknown>): Promise<void> {
  const isFulfilled = await run().then(
    () => true,
    () => false,
  )
  if (isFulfilled) throw new Error('expected a rejection')
}

/** @param place what is shown of a long text is around this place. */
function cut(text: string, place: number): string {
  const from = text.length > 300 ? Math.max(0, place - 100) : 0
  return `${from ? '…' : ''}${text.slice(from, from + 300)}${text.length > from + 300 ? '…' : ''}`
}

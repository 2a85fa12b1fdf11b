import { diskPollMs, diskWarningShare } from '../limits.js'
import type { AskDiskUse, DiskUse } from '../store/disk-use.js'

/** What a disk guard is made of. */
export interface DiskParts {
  /** `null`: the size is never asked for, and nothing is refused. */
  readonly diskUse: AskDiskUse | null
  /** The most bytes of the database. `null`: any size. */
  readonly maxDatabaseBytes: number | null
  /** What must be free on the disk. It does not count if the store cannot tell. */
  readonly minFreeBytes: number
  /** Unix epoch, ms. */
  readonly now: () => number
  /** Called once when the database comes near its limit, and once when it reaches it. */
  readonly onWarning: (message: string) => void
  /** Called when the size cannot be told. Batches are taken meanwhile. */
  readonly onError: (cause: unknown) => void
}

/** How full the disk is: there is room, little room, or none. */
type Level = 'free' | 'low' | 'full'

/**
 * Makes the guard of the disk. It says whether the database has reached its limit. It asks for the size at most every
 * `diskPollMs`, and only when batches arrive, so the database may grow beyond its limit for so long. Only the first batch
 * waits for the size.
 */
export function createDiskGuard(parts: DiskParts): () => boolean | Promise<boolean> {
  const { diskUse, maxDatabaseBytes, minFreeBytes, now, onWarning, onError } = parts
  if (!diskUse) return () => false
  const ask = diskUse
  let level: Level = 'free'
  let warned: Level = 'free'
  let askedAt: number | null = null
  let first: Promise<boolean> | null = null

  function toLevel({ usedBytes, freeBytes }: DiskUse): Level {
    const free = freeBytes ?? Number.POSITIVE_INFINITY
    const max = maxDatabaseBytes ?? Number.POSITIVE_INFINITY
    if (usedBytes >= max || free < minFreeBytes) return 'full'
    return usedBytes >= max * diskWarningShare || free * diskWarningShare < minFreeBytes ? 'low' : 'free'
  }

  function warn(use: DiskUse): void {
    // A warning is repeated only after there was room again.
    if (level === 'free') warned = 'free'
    if (level === warned || level === 'free' || warned === 'full') return
    warned = level
    const size = `the database has ${toMegabytes(use.usedBytes)} of ${toMegabytes(maxDatabaseBytes)}`
    const free = `${toMegabytes(use.freeBytes)} of its disk are free, and ${toMegabytes(minFreeBytes)} must be`
    onWarning(`${level === 'full' ? 'no batch is taken' : 'the disk is nearly full'}: ${size}; ${free}`)
  }

  async function poll(): Promise<boolean> {
    try {
      const use = await ask()
      level = use ? toLevel(use) : 'free'
      if (use) warn(use)
    } catch (cause) {
      level = 'free'
      onError(cause)
    }
    first = null
    return level === 'full'
  }

  return () => {
    const at = now()
    // The clock may have been set back.
    if (askedAt !== null && Math.abs(at - askedAt) < diskPollMs) return first ?? level === 'full'
    const isFirst = askedAt === null
    askedAt = at
    const asked = poll()
    if (isFirst) first = asked
    return first ?? level === 'full'
  }
}

function toMegabytes(bytes: number | null): string {
  return bytes === null ? 'any number of MB' : `${Math.round(bytes / 1_000_000)} MB`
}

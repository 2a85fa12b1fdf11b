import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

const memory = '/dev/shm'
const leastBytes = 4 * 1024 ** 3

/**
 * Lets processes that are started from here put temporary files into memory, if the system has a file system of it with
 * enough room. Tests make hundreds of databases, and each commit would wait for the disk. What is killed there loses as
 * little as on a disk: only a power failure would differ, and no test makes one. The folder goes as this process ends.
 */
export function useMemory() {
  try {
    const { bavail, bsize } = statfsSync(memory)
    if (bavail * bsize < leastBytes) return
    const folder = mkdtempSync(join(memory, 'sojourn-'))
    // PostgreSQL runs as another user where the tests run as root.
    chmodSync(folder, 0o711)
    process.env.TMPDIR = folder
    process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))
  } catch {
    // There is no such file system. The folder of the system will do.
  }
}

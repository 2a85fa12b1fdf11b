import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** The file under whose name is written. It gets its own name when it is whole. */
export function toPart(file: string): string {
  return `${file}.part`
}

/**
 * Gives an export its names: to the file of the events first, then to that of the cursor. In between, the part of the cursor says
 * after which file it comes, so that `finishNames` can go on if the process ends there.
 *
 * @param out the file of the events; `-` is the standard output, which has no name.
 * @param cursor the file of the cursor; `undefined`: there is none.
 * @param next the cursor after these events.
 */
export function giveNames(out: string, cursor: string | undefined, next: string): void {
  const isFile = out !== '-'
  // The next export may run in another folder.
  if (cursor !== undefined && isFile)
    write(toPart(cursor), `${next}\n${realpathSync(toPart(out)).slice(0, -'.part'.length)}\n`)
  if (isFile) renameSync(toPart(out), out)
  if (cursor !== undefined) writeCursor(cursor, next)
}

/** Names the cursor of an export that has ended after its file of events got its name. */
export function finishNames(cursor: string): void {
  if (!existsSync(toPart(cursor))) return
  const [next = '', out = ''] = readFileSync(toPart(cursor), 'utf8').split('\n')
  if (existsSync(out)) writeCursor(cursor, next)
  else rmSync(toPart(cursor))
}

function writeCursor(cursor: string, next: string): void {
  write(`${cursor}.new`, `${next}\n`)
  renameSync(`${cursor}.new`, cursor)
  rmSync(toPart(cursor), { force: true })
}

// A cursor names a visit and an event.
function write(file: string, text: string): void {
  writeFileSync(file, text, { flush: true, mode: 0o600 })
}

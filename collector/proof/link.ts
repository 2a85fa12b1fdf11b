import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { freePort } from '../test/helpers/postgres.js'

/** A network link between collector and database that can hang: it accepts connections but transfers nothing. */
export interface Link {
  readonly port: number
  /** Open and new connections hang from now on. */
  readonly hang: () => void
  /** New connections work again. Connections that hung are closed. */
  readonly restore: () => void
}

/** Starts a link to a port of this machine. It ends with the test. */
export async function startLink(toPort: number): Promise<Link> {
  const [pairs, hung] = [new Set<readonly [Socket, Socket]>(), new Set<Socket>()]
  let isHanging = false
  const server = createServer(from => {
    from.on('error', () => from.destroy())
    if (isHanging) {
      hung.add(from.pause())
      return
    }
    const to = connect(toPort, '127.0.0.1')
    const pair = [from, to] as const
    pairs.add(pair)
    from.pipe(to).pipe(from)
    for (const end of pair)
      end
        .on('error', () => end.destroy())
        .on('close', () => {
          for (const other of pair) other.destroy()
          pairs.delete(pair)
        })
  })
  const cut = (): void => {
    for (const end of [...hung, ...[...pairs].flat()]) end.destroy()
    hung.clear()
  }
  const port = await freePort()
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    cut()
  })
  return {
    port,
    hang() {
      isHanging = true
      for (const [from, to] of pairs) {
        from.unpipe(to).pause()
        to.unpipe(from).pause()
      }
    },
    restore() {
      isHanging = false
      cut()
    },
  }
}

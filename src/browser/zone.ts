import { scope } from './globals.js'

/** The root of zone.js, which Angular uses to know what an application still waits for. */
interface Root {
  run<T>(task: () => T): T
}

/** Runs outside every zone: what is begun there, such as a timer, is not what the application waits for. */
export function outside<T>(task: () => T): T {
  const { Zone } = scope() as Window & { Zone?: { root?: Partial<Root> } }
  const root = Zone && Zone.root
  return root && root.run ? (root as Root).run(task) : task()
}

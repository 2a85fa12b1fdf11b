import { expect } from 'vitest'
import { matchers, type TrackedMatchers } from './matchers.js'

export { matchers, type TrackedHow, type TrackedMatchers } from './matchers.js'

// Imported as a setup file, or at the head of a test: `import 'sojourn/testing/vitest'`.
expect.extend(matchers)

declare module 'vitest' {
  // The type parameters must be those of Vitest.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends TrackedMatchers<R> {}
}

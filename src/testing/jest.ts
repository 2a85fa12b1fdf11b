/// <reference types="expect" preserve="true" />
import { matchers, type TrackedMatchers } from './matchers.js'

export { matchers, type TrackedHow, type TrackedMatchers } from './matchers.js'

/** The `expect` that Jest gives to every test file. */
declare const expect: { extend(all: typeof matchers): void }

// Named in `setupFilesAfterEnv`, or imported at the head of a test: `import 'sojourn/testing/jest'`.
expect.extend(matchers)

declare global {
  namespace jest {
    // The type parameters must be those of `@types/jest`.
    // biome-ignore lint/complexity/noBannedTypes: see above
    interface Matchers<R, T = {}> extends TrackedMatchers<R> {}
  }
}

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends TrackedMatchers<R> {}
}

// Runs in every runtime: imports modules, and tells what an import has done to the globals.

/**
 * Imports modules one after the other.
 *
 * @param loads a function for each module, by its name. It imports the module.
 * @returns a sentence for each import that threw, exported nothing, or added, removed or replaced a global.
 */
export async function probe(loads) {
  const findings = []
  readAll()
  for (const [name, load] of Object.entries(loads)) {
    const before = readGlobals()
    try {
      if (!Object.keys(await load()).length) findings.push(`${name} exports nothing`)
    } catch (error) {
      findings.push(`${name} throws: ${error && error.message}`)
    }
    const after = readGlobals()
    for (const key of new Set([...before.keys(), ...after.keys()]))
      if (before.has(key) !== after.has(key) || !Object.is(before.get(key), after.get(key)))
        findings.push(`${name} has changed the global ${String(key)}`)
  }
  return findings
}

/** Each global with its value, or with its getter, which is not called. */
function readGlobals() {
  return new Map(
    Reflect.ownKeys(globalThis).map(key => {
      const { value, get } = Object.getOwnPropertyDescriptor(globalThis, key)
      return [key, get ?? value]
    }),
  )
}

/** Reads each global once. Node loads what stands behind some of them only then, and keeps it in further globals. */
function readAll() {
  for (const key of Reflect.ownKeys(globalThis)) {
    try {
      void globalThis[key]
    } catch {
      // A runtime may forbid to read one of them. It is compared all the same.
    }
  }
}

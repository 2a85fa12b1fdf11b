// What else there is to look at: the collector's explorer, and the tracker's inspector. Here is all that the demo knows of
// them.

/** What was found, by address: a collector that is down still has what it had. */
const found = new Map()

/**
 * Makes the links to what this collector has, as HTML; empty if it has neither.
 *
 * @param collector see `startCollector`.
 */
export async function showElsewhere({ address, state }) {
  const [hasExplorer, hasInspector] = await Promise.all(
    ['/explore/default/now', '/inspector.js'].map(path => isThere(address + path, state.runs)),
  )
  if (!hasExplorer && !hasInspector) return ''
  const explore = (path, words, more = '') =>
    `<a href="${address}/explore/default/${path}" target="_blank" rel="noopener"${more}>${words}</a>`
  const explorer = [
    explore('now', 'The explorer', ' data-testid="explorer"'),
    explore('visits/', 'This visit in it', ' id="explore-visit" data-testid="explore-visit" hidden'),
  ]
  const inspector = '<button type="button" id="inspect" data-testid="inspect">Inspect this page</button>'
  return `<nav class="closer" aria-label="Look closer">${hasExplorer ? explorer.join('') : ''}${hasInspector ? inspector : ''}</nav>`
}

async function isThere(url, isRunning) {
  if (!found.has(url) && isRunning)
    await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(2000) }).then(
      answer => {
        found.set(url, answer.status === 200)
        return answer.body?.cancel()
      },
      // The collector has just gone down. The next page asks again.
      () => null,
    )
  return found.get(url) ?? false
}

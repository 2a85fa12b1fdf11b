/** What the demo itself remembers in this browser, under its own keys. Sojourn does not use them. */

function keptIn(storage, prefix) {
  return {
    recall(name, otherwise) {
      try {
        return JSON.parse(window[storage].getItem(prefix + name)) ?? otherwise
      } catch {
        return otherwise
      }
    },
    remember(name, value) {
      try {
        window[storage].setItem(prefix + name, JSON.stringify(value))
      } catch (error) {
        console.warn(`The demo cannot keep "${name}" in this browser.`, error)
      }
    },
  }
}

export const shop = keptIn('localStorage', 'harbour-lane.')
export const view = keptIn('sessionStorage', 'live-view.')

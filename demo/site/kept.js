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

/** Of the shop, for all tabs. */
export const shop = keptIn('localStorage', 'harbour-lane.')
/** Of the live view, for all tabs. */
export const view = keptIn('localStorage', 'live-view.')
/** Of the live view of this tab. */
export const tab = keptIn('sessionStorage', 'live-view.')

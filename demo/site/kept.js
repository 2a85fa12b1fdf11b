/** What the demo itself remembers in this browser, under keys of its own. Nothing of Sojourn's is in here. */

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
        console.warn(`The demo cannot remember its ${name} here.`, error)
      }
    },
  }
}

export const shop = keptIn('localStorage', 'harbour-lane.')
export const view = keptIn('sessionStorage', 'live-view.')

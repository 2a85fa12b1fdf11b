import { clicks } from 'sojourn/plugins/clicks'
import { tracker } from './tracker'

function element(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector)
  if (!found) throw new Error(`the page has no ${selector}`)
  return found
}

element('#sign-in').onclick = () => tracker.signIn('user-42', { name: 'Ada' })
element('#sign-out').onclick = () => tracker.signOut()
element('#add').onclick = () => tracker.track('AddToCart', { sku: 'desk-lamp', price: 39.5 })

// Elements with `data-sojourn-event` need no code.
clicks(tracker)

// The session that is open, also if it was opened in another tab.
tracker.observe('session', session => {
  element('#greeting').textContent = session ? `You are ${session.identityId}.` : 'You are not signed in.'
})

// A router of eight lines. The tracker sees each address by itself.
function show(): void {
  document.title = location.pathname === '/cart' ? 'Cart' : 'Lamps'
  element('h1').textContent = document.title
}
element('nav').onclick = event => {
  if (!(event.target instanceof HTMLAnchorElement)) return
  event.preventDefault()
  history.pushState(null, '', event.target.href)
  show()
}
window.onpopstate = show
show()

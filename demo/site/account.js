// The account is a single-page app. It changes its address with pushState, and Sojourn records each address as a page.
import { toPrice } from './catalogue.js'
import { find, make } from './dom.js'
import { shop } from './kept.js'

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' })

export function showAccount(customer) {
  find('account').hidden = !customer
  find('no-account').hidden = Boolean(customer)
  if (!customer) return
  find('account-name').textContent = customer.name
  showOrders()
  showPreferences()
  showTab()
  addEventListener('popstate', enterTab)
  find('tabs').addEventListener('click', event => {
    const link = event.target.closest('a')
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    if (link.pathname !== location.pathname) history.pushState(null, '', link.pathname)
    enterTab()
  })
}

function enterTab() {
  showTab()
  document.title = `${find('tabs').querySelector('[aria-current]').textContent} · Harbour Lane`
}

function showTab() {
  const asked = location.pathname.split('/')[2]
  const name = document.querySelector(`[data-tab="${CSS.escape(asked ?? '')}"]`) ? asked : 'orders'
  for (const section of document.querySelectorAll('[data-tab]')) {
    section.hidden = section.dataset.tab !== name
  }
  for (const link of find('tabs').children) {
    if (link.pathname.endsWith(name)) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
}

function showOrders() {
  const orders = shop.recall('orders', [])
  if (!orders.length) find('orders').replaceWith(make('p', { textContent: 'You have no orders yet.' }))
  for (const { number, at, total, lines } of orders) {
    const head = make('strong', { textContent: number })
    const date = make('span', { className: 'kind', textContent: day.format(at) })
    const sum = make('span', { className: 'price', textContent: toPrice(total) })
    find('orders').append(make('li', {}, make('span', {}, head, date, make('span', { textContent: lines })), sum))
  }
}

function showPreferences() {
  const form = find('preferences')
  const chosen = shop.recall('preferences', {})
  for (const box of form.elements) box.checked = Boolean(chosen[box.name])
  form.addEventListener('change', () => {
    const all = Object.fromEntries([...form.elements].map(box => [box.name, box.checked]))
    shop.remember('preferences', all)
    window.sojourn('userInfo', all)
  })
}

// The shop. Its calls of `window.sojourn(…)`, here and in account.js, are all of its tracking code.
import { showAccount } from './account.js'
import { findProduct, products, searchProducts, toPrice } from './catalogue.js'
import { find, make } from './dom.js'
import { shop } from './kept.js'

const customer = shop.recall('customer', null)
// The same identity again changes nothing. If the session has ended meanwhile, this call opens a new one.
if (customer) window.sojourn('signIn', customer.email, { name: customer.name })

showHeader()
addEventListener('storage', showHeader)
addEventListener('pageshow', showHeader)

find('sign-out').addEventListener('click', () => {
  shop.remember('customer', null)
  window.sojourn('signOut')
  // The browser follows the link in the same task. Nothing has to wait for the network.
})

if (find('shelves')) showShelves()
if (find('product')) showProduct(findProduct(new URLSearchParams(location.search).get('id')))
if (find('cart')) showCart()
if (find('sign-in')) find('sign-in').addEventListener('submit', signIn)
if (find('account')) showAccount(customer)
// The buttons are disabled until now, because a form sent before this script has loaded would not be recorded.
for (const button of document.querySelectorAll('form button[disabled]')) button.disabled = false

function showHeader() {
  const isSignedIn = Boolean(shop.recall('customer', null))
  const count = shop.recall('cart', []).reduce((sum, { quantity }) => sum + quantity, 0)
  find('sign-out').toggleAttribute('data-away', !isSignedIn)
  find('sign-in-link').toggleAttribute('data-away', isSignedIn)
  find('cart-count').textContent = count > 99 ? '99+' : count || ''
}

function showShelves() {
  const query = new URLSearchParams(location.search).get('q') ?? ''
  const shown = searchProducts(query)
  for (const shelf of new Set(shown.map(product => product.shelf))) {
    const tiles = shown.filter(product => product.shelf === shelf).map(toTile)
    find('shelves').append(make('h2', { textContent: shelf }), make('ul', { className: 'tiles' }, ...tiles))
  }
  if (query) {
    const number = shown.length === 1 ? '1 product' : `${shown.length} products`
    find('q').value = query
    find('found').hidden = false
    find('found').append(`${number} for “${query}”. `, make('a', { href: '/', textContent: 'Show everything' }))
  }
  find('search').addEventListener('submit', () => {
    const asked = find('q').value.trim()
    window.sojourn('track', 'Search', { query: asked, results: searchProducts(asked).length })
  })
}

function toTile({ id, name, kind, price }) {
  const link = { className: 'tile', href: `/product.html?id=${id}`, testid: `product-${id}` }
  const label = [
    make('span', { className: 'name', textContent: name }),
    make('span', { className: 'kind', textContent: kind }),
    make('span', { className: 'price', textContent: toPrice(price) }),
  ]
  return make('li', {}, make('a', link, toPicture(id), make('span', { className: 'label' }, ...label)))
}

function toPicture(id) {
  return make('img', { src: `/pictures/${id}.svg`, alt: '', width: 400, height: 300 })
}

function showProduct(product) {
  if (!product) return find('product').append('We do not have this product.')
  const { id, name, kind, price, text } = product
  const added = make('p', { className: 'added' })
  added.setAttribute('role', 'status')
  const button = make('button', { type: 'button', textContent: 'Add to cart', testid: 'add-to-cart' })
  button.addEventListener('click', () => {
    const cart = shop.recall('cart', [])
    const line = cart.find(one => one.id === id) ?? { id, quantity: 0 }
    line.quantity++
    shop.remember('cart', [...cart.filter(one => one.id !== id), line])
    window.sojourn('track', 'AddToCart', { product: id, name, price: price / 100, quantity: line.quantity })
    added.replaceChildren(
      `${line.quantity} in your cart. `,
      make('a', { href: '/cart.html', textContent: 'See the cart' }),
    )
    showHeader()
  })
  const words = [
    make('h1', { textContent: name }),
    make('p', { className: 'kind', textContent: kind }),
    make('p', { textContent: text }),
    make('p', { className: 'price', textContent: toPrice(price) }),
  ]
  find('product').append(toPicture(id), make('div', {}, ...words, button, added))
}

function showCart() {
  const lines = shop.recall('cart', []).map(line => ({ ...products.find(({ id }) => id === line.id), ...line }))
  const total = lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0)
  find('cart').hidden = !lines.length
  find('cart-empty').hidden = lines.length > 0
  find('cart-total').textContent = toPrice(total)
  find('cart-lines').append(...lines.map(toLine))
  find('checkout').addEventListener('click', () => {
    const number = `HL-${1001 + shop.recall('orders', []).length}`
    const order = { number, at: Date.now(), total, lines: toNames(lines) }
    const items = lines.map(({ id, quantity }) => ({ product: id, quantity }))
    window.sojourn('track', 'Checkout', { order: number, total: total / 100, currency: 'EUR', items })
    shop.remember('orders', [order, ...shop.recall('orders', [])])
    shop.remember('cart', [])
    find('cart').hidden = true
    find('ordered').hidden = false
    find('order-number').textContent = number
    find('cart-title').textContent = 'Order placed'
    find('cart-title').focus()
    showHeader()
  })
}

function toLine({ id, name, kind, price, quantity }) {
  const link = make('a', { href: `/product.html?id=${id}`, textContent: name })
  const words = make('span', {}, link, make('small', { textContent: kind }))
  const number = make('span', { className: 'quantity', textContent: `× ${quantity}` })
  const sum = make('span', { className: 'price', textContent: toPrice(price * quantity) })
  return make('li', {}, toPicture(id), words, number, sum)
}

function toNames(lines) {
  return lines.map(({ name, quantity }) => (quantity > 1 ? `${quantity} × ${name}` : name)).join(', ')
}

function signIn(event) {
  event.preventDefault()
  const email = find('email').value.trim()
  const name = toName(email)
  shop.remember('customer', { email, name })
  window.sojourn('signIn', email, { name })
  location.assign('/account.html')
}

/** Makes a name from an address: `robin.hale@example.com` becomes Robin Hale. */
function toName(email) {
  const words = email.split('@')[0].match(/[^._+-]+/g) ?? [email]
  return words.map(word => word[0].toUpperCase() + word.slice(1)).join(' ')
}

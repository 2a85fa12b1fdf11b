/** The products of the shop, prices in cents. The pages read them, and the server reads them for the titles. */
export const products = [
  {
    id: 'fog-bell',
    shelf: 'Tea',
    name: 'Fog Bell',
    kind: 'Smoked black tea, 100 g',
    price: 950,
    text: 'Dark leaves, dried over pine wood. It smells of a wood fire.',
  },
  {
    id: 'low-tide',
    shelf: 'Tea',
    name: 'Low Tide',
    kind: 'Green tea, 100 g',
    price: 1100,
    text: 'Steamed leaves. It tastes of grass and a little salt. For the morning.',
  },
  {
    id: 'night-watch',
    shelf: 'Tea',
    name: 'Night Watch',
    kind: 'Verbena and camomile, 60 g',
    price: 820,
    text: 'No caffeine. For the late evening.',
  },
  {
    id: 'logbook',
    shelf: 'Notebooks',
    name: 'Logbook',
    kind: 'Ruled, A5, 192 pages',
    price: 1450,
    text: 'The binding is sewn, so it lies flat. Numbered pages, two ribbons, a pocket for receipts.',
  },
  {
    id: 'tide-table',
    shelf: 'Notebooks',
    name: 'Tide Table',
    kind: 'Dot grid, pocket, 96 pages',
    price: 900,
    text: 'Fits a coat pocket. The paper is made for fountain pens and can get wet.',
  },
  {
    id: 'chart-folio',
    shelf: 'Notebooks',
    name: 'Chart Folio',
    kind: 'Plain, A4, 80 sheets',
    price: 1950,
    text: 'Heavy sheets that tear out cleanly. For large drawings.',
  },
  {
    id: 'leading-light',
    shelf: 'Lamps',
    name: 'Leading Light',
    kind: 'Desk lamp, two joints',
    price: 8900,
    text: 'It stays where you point it. Warm light, with a dimmer.',
  },
  {
    id: 'pier-lantern',
    shelf: 'Lamps',
    name: 'Pier Lantern',
    kind: 'Rechargeable, 20 hours',
    price: 6400,
    text: 'Easy to carry. One knob, no app.',
  },
  {
    id: 'bulkhead',
    shelf: 'Lamps',
    name: 'Bulkhead',
    kind: 'Wall lamp, enamel',
    price: 5200,
    text: 'A round light in a plain cage, as on ships. For indoors and outdoors.',
  },
]

export function findProduct(id) {
  return products.find(product => product.id === id)
}

/** Finds the products that contain every word of the query. A query without words finds all products. */
export function searchProducts(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return products.filter(({ shelf, name, kind, text }) => {
    const all = `${shelf} ${name} ${kind} ${text}`.toLowerCase()
    return words.every(word => all.includes(word))
  })
}

const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' })

export function toPrice(cents) {
  return euros.format(cents / 100)
}

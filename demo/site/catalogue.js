/** What the shop sells; prices in cents. Read by the pages, and by the server for their titles. */
export const products = [
  {
    id: 'fog-bell',
    shelf: 'Tea',
    name: 'Fog Bell',
    kind: 'Smoked black tea, 100 g',
    price: 950,
    text: 'Dark leaves, dried over pine. Smells of a stove that somebody else has lit.',
  },
  {
    id: 'low-tide',
    shelf: 'Tea',
    name: 'Low Tide',
    kind: 'Green tea, 100 g',
    price: 1100,
    text: 'Steamed, grassy, a little salt. For mornings with nothing in them yet.',
  },
  {
    id: 'night-watch',
    shelf: 'Tea',
    name: 'Night Watch',
    kind: 'Verbena and camomile, 60 g',
    price: 820,
    text: 'No caffeine. It will not keep you awake, and does not mind if you are.',
  },
  {
    id: 'logbook',
    shelf: 'Notebooks',
    name: 'Logbook',
    kind: 'Ruled, A5, 192 pages',
    price: 1450,
    text: 'Sewn, so that it lies flat. Numbered pages, two ribbons, a pocket for receipts.',
  },
  {
    id: 'tide-table',
    shelf: 'Notebooks',
    name: 'Tide Table',
    kind: 'Dot grid, pocket, 96 pages',
    price: 900,
    text: 'Fits a coat. The paper takes a fountain pen, and rain if it must.',
  },
  {
    id: 'chart-folio',
    shelf: 'Notebooks',
    name: 'Chart Folio',
    kind: 'Plain, A4, 80 sheets',
    price: 1950,
    text: 'Heavy paper that comes out clean. For drawings that turn out larger than planned.',
  },
  {
    id: 'leading-light',
    shelf: 'Lamps',
    name: 'Leading Light',
    kind: 'Desk lamp, two joints',
    price: 8900,
    text: 'Points where you put it and stays there. Warm, and dim enough for late letters.',
  },
  {
    id: 'pier-lantern',
    shelf: 'Lamps',
    name: 'Pier Lantern',
    kind: 'Rechargeable, 20 hours',
    price: 6400,
    text: 'Carry it from the kitchen to the steps. One knob, no app.',
  },
  {
    id: 'bulkhead',
    shelf: 'Lamps',
    name: 'Bulkhead',
    kind: 'Wall lamp, enamel',
    price: 5200,
    text: 'A round light behind a plain cage, as ships have it. In or out of doors.',
  },
]

export function findProduct(id) {
  return products.find(product => product.id === id)
}

/** Products in which every word of the query stands somewhere; all of them if there is no word. */
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

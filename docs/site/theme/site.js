import { find, makeIndex } from './finding.js'

const base = document.documentElement.dataset.root ?? './'

let index

/** Reads what can be searched, when it is first needed. */
async function openIndex() {
  const reply = await fetch(`${base}search.json`)
  if (!reply.ok) throw new Error(`search.json: ${reply.status}`)
  const parts = await reply.json()
  return makeIndex(parts)
}

/** Makes an element. Texts become text. */
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

/** The text around the first word that was found, with what was found marked. */
function excerpt(text, terms) {
  const word = terms.map(term => term.replace(/[^\p{L}\p{N}_]/gu, '\\$&')).join('|')
  const found = word ? new RegExp(word, 'iu').exec(text) : null
  const start = Math.max(0, (found?.index ?? 0) - 60)
  const cut = `${start > 0 ? '…' : ''}${text.slice(start, start + 180)}${text.length > start + 180 ? '…' : ''}`
  const parts = word ? cut.split(new RegExp(`(${word})`, 'iu')) : [cut]
  return parts.map((part, at) => (at % 2 ? make('mark', {}, part) : part))
}

const input = make('input', { type: 'search', autocomplete: 'off', spellcheck: false })
input.setAttribute('aria-label', 'Search the documentation')
const list = make('ul', {})
const state = make('p', { className: 'state' }, 'Type a word.')
state.setAttribute('role', 'status')
const dialog = make(
  'dialog',
  { className: 'finder' },
  make('form', { method: 'dialog' }, input, make('button', { className: 'quiet' }, 'Close')),
  state,
  list,
)
dialog.setAttribute('aria-label', 'Search')
document.body.append(dialog)

let asked = 0
async function search() {
  const mine = ++asked
  const text = input.value.trim()
  try {
    index ??= openIndex()
    if (text && !list.children.length) state.textContent = 'Searching …'
    const found = find(await index, text)
    if (mine !== asked) return
    list.replaceChildren(
      ...found.map(({ address, page, heading, text: whole, terms }) =>
        make(
          'li',
          {},
          make(
            'a',
            { href: base + address },
            make('b', {}, heading),
            ...(heading === page ? [] : [make('small', {}, page)]),
            make('span', {}, ...excerpt(whole, terms)),
          ),
        ),
      ),
    )
    if (!text) state.textContent = 'Type a word.'
    else
      state.textContent = found.length
        ? `${found.length} ${found.length === 1 ? 'place' : 'places'}`
        : 'Nothing was found. Try one word.'
  } catch (error) {
    index = undefined
    state.textContent = `The search could not be loaded: ${String(error)}`
  }
}

function openSearch() {
  if (!dialog.open) dialog.showModal()
  input.select()
  void search()
}

const button = document.querySelector('button.search')
button.hidden = false
button.addEventListener('click', openSearch)
input.addEventListener('input', () => void search())
// The page of the collector for unknown addresses leads here.
if (location.hash === '#search') openSearch()
// Enter goes to the first place. The form would only close.
dialog.querySelector('form').addEventListener('submit', event => {
  const first = list.querySelector('a')
  if (event.submitter?.matches(':focus') || !first) return
  event.preventDefault()
  first.click()
})
dialog.addEventListener('click', event => {
  if (event.target === dialog || event.target.closest('a')) dialog.close()
})
dialog.addEventListener('keydown', event => {
  // In a field of this type the key would only clear the text.
  if (event.key === 'Escape') dialog.close()
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step) return
  event.preventDefault()
  const stops = [input, ...list.querySelectorAll('a')]
  stops.at((stops.indexOf(document.activeElement) + step) % stops.length)?.focus()
})
document.addEventListener('keydown', event => {
  const isTyping =
    event.target instanceof HTMLElement && event.target.matches('input, textarea, select, [contenteditable]')
  const isSlash = event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey
  if (!isSlash && !(event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey))) return
  event.preventDefault()
  openSearch()
})

// On a phone the list of pages is closed until it is asked for.
const menu = document.querySelector('details.menu')
const narrow = matchMedia('(max-width: 60rem)')
const fold = () => {
  menu.open = !narrow.matches
}
fold()
narrow.addEventListener('change', fold)
document.querySelector('nav.pages [aria-current]')?.scrollIntoView({ block: 'nearest' })

for (const code of document.querySelectorAll('main pre')) {
  const copy = make('button', { type: 'button', className: 'copy quiet' }, 'Copy')
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.innerText)
      copy.textContent = 'Copied'
    } catch {
      // Without the right to write, the text is selected, so that a key can copy it.
      getSelection()?.selectAllChildren(code)
      copy.textContent = 'Selected'
    }
  })
  const box = make('div', { className: 'sample' })
  code.replaceWith(box)
  box.append(code, copy)
}

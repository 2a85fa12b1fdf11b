/**
 * The sections of the navigation, in their order. `has` says which pages are in a section, by their path without `.html`. `first` are
 * those that come first. Other pages follow by themselves, in the order of their titles. A page is in the first section that has it.
 *
 * @type {readonly { title: string, has: (path: string) => boolean, first: readonly string[] }[]}
 */
const sections = [
  {
    title: 'Guide',
    has: path => path === 'index' || /^guide\/[^/]+$/.test(path),
    first: [
      'index',
      'guide/in-a-page',
      'guide/in-an-application',
      'guide/sessions-and-pages',
      'guide/consent-and-privacy',
      'guide/plugins',
      'guide/is-it-working',
      'guide/inspector',
      'guide/testing',
      'guide/coming-from-elsewhere',
      'guide/first-party',
      'guide/own-parts',
    ],
  },
  { title: 'Recipes', has: path => path.startsWith('guide/recipes/'), first: ['guide/recipes/index'] },
  {
    title: 'Operate',
    has: path => ['operate', 'scale', 'privacy'].includes(path),
    first: ['operate', 'scale', 'privacy'],
  },
  {
    title: 'Protocol',
    has: path => ['protocol', 'conformance', 'errors'].includes(path),
    first: ['protocol', 'conformance', 'errors'],
  },
  {
    title: 'API',
    has: path => path.startsWith('api/'),
    first: [
      'index',
      ...['', '/react', '/vue', '/svelte', '/schemas', '/testing', '/inspector', '/record/index'].map(
        name => `sojourn${name}`,
      ),
    ].map(name => `api/${name}`),
  },
  // And every other page of `docs/`.
  {
    title: 'Proofs',
    has: () => true,
    first: ['delivery', 'proof', 'size-and-speed', 'architecture'],
  },
]

/**
 * Orders pages into sections. A section without a page is left out.
 *
 * @param {readonly { path: string, title: string }[]} pages
 */
export function toNavigation(pages) {
  const left = new Set(pages)
  return sections.flatMap(({ title, has, first }) => {
    const rank = path => (first.includes(path) ? first.indexOf(path) : first.length)
    const own = [...left]
      .filter(({ path }) => has(path))
      .sort((a, b) => rank(a.path) - rank(b.path) || a.title.localeCompare(b.title, 'en'))
    for (const page of own) left.delete(page)
    return own.length ? [{ title, pages: own }] : []
  })
}

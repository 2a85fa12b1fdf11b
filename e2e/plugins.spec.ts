import { readFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import type { RunningCollector } from './helpers/collector.js'
import { type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'

declare global {
  interface Window {
    tracked: [name: string, data: Record<string, unknown>, options?: object][]
    undo: () => void
  }
}

let collector: RunningCollector
let site: Site
/** The body of the page. */
let body: string

/** A page with a plugin on a tracker that only writes down what it is told. */
const page = (name: string, options: string): string => `<!doctype html><title>Plugin</title><body>${body}
<script type="importmap">{ "imports": { "web-vitals": "/web-vitals.js" } }</script>
<script type="module">
  import { ${name} as plugin } from '/plugins/${name}.js'
  window.tracked = []
  window.undo = plugin({ track: (...call) => window.tracked.push(call) }${options && `, ${options}`})
</script>`

/** A page with a plugin on a real tracker. */
const realPage = (name: string): string => `<!doctype html><title>Real</title><body>${body}
<script type="module">
  import { createTracker } from '/core.js'
  import { ${name} as plugin } from '/plugins/${name}.js'
  window.tracker = createTracker({ collector: '${collector.url}', key: 'plugins', flushEveryMs: 200 })
  plugin(window.tracker)
  window.undo = () => {}
</script>`

test.beforeEach(async ({ shared }) => {
  collector = shared
  body = ''
  site = await startSite(path => {
    const [, place = '', name = ''] = path.split('/')
    if (place === 'plugins') return readFileSync(`dist/esm/plugins/${name}`, 'utf8')
    if (place === 'web-vitals.js') return readFileSync('node_modules/web-vitals/dist/web-vitals.js', 'utf8')
    if (place === 'real') return realPage(name)
    return page(place, decodeURIComponent(name))
  })
})

test.afterEach(async () => {
  await site.stop()
})

async function open(page: Page, path: string): Promise<void> {
  await page.goto(site.url + path)
  await page.waitForFunction(() => !!window.undo)
}

/** What was recorded. A link is known to be followed one task after its click. */
const tracked = (page: Page): Promise<Window['tracked']> =>
  page.evaluate(() => new Promise(resolve => setTimeout(() => resolve(window.tracked))))
const names = async (page: Page): Promise<string[]> => (await tracked(page)).map(([name]) => name)

/** Keeps the page, although its links are followed. */
const stay = "<script>navigation.addEventListener('navigate', event => event.preventDefault())</script>"

test('clicks records the event that an element names, with its data, from within it and by key', async ({ page }) => {
  body = `<button data-sojourn-event="AddToCart" data-sojourn-sku="A1" data-sojourn-item-id="7" data-other="x"><b id="in">Add</b></button>
    <p id="plain">nothing</p><p data-sojourn-event="" id="unnamed">no name</p><div id="host"></div>
    <script>host.attachShadow({ mode: 'open' }).innerHTML = '<i id="deep" data-sojourn-event="Deep">deep</i>'
    document.addEventListener('click', event => event.stopImmediatePropagation(), true)</script>`
  await open(page, '/clicks')
  await page.click('#in')
  await page.click('#plain')
  await page.click('#unnamed')
  await page.click('#deep')
  await page.focus('button')
  await page.keyboard.press('Enter')
  const add = ['AddToCart', { sku: 'A1', itemId: '7' }]
  expect(await tracked(page)).toEqual([add, ['Deep', {}], add])
})

test('clicks counts what the page prevents, and the middle button on links alone', async ({ page }) => {
  body = `<a href="/clicks" data-sojourn-event="Link">link</a> <button data-sojourn-event="Button" onclick="return false">button</button>${stay}`
  await open(page, '/clicks')
  for (const button of ['left', 'middle', 'right'] as const) await page.click('a', { button })
  for (const button of ['left', 'middle', 'right'] as const) await page.click('button', { button })
  expect(await names(page)).toEqual(['Link', 'Link', 'Button'])
})

test('clicks counts a label and its field once, takes any name of an attribute, and throws at no form or foreign element', async ({
  page,
}) => {
  const errors: string[] = []
  page.on('pageerror', error => errors.push(error.message))
  body = `<label data-sojourn-event="News"><input type="checkbox"> <b id="text">News</b></label>
    <button data-sojourn-event="Odd" data-sojourn-2nd="2" data-sojourn-über="ü" data-sojourn-item-id="7">odd</button>
    <form data-sojourn-event="Form"><input class="odd"><input class="odd"><button type="button" id="in">in</button></form>
    <p id="host"></p><script>host.append(document.createElementNS('urn:other', 'other'))
    host.firstChild.setAttribute('data-sojourn-event', 'Foreign')</script>`
  await open(page, '/clicks')
  await page.click('#text')
  await page.click('label input')
  await page.click('button')
  await page.evaluate(() => {
    const [one, other] = document.querySelectorAll<HTMLInputElement>('.odd')
    Object.assign(one as HTMLInputElement, { name: 'matches' })
    Object.assign(other as HTMLInputElement, { name: 'attributes' })
    document.querySelector<HTMLElement>('#in')?.click()
    document.querySelector('#host > *')?.dispatchEvent(new MouseEvent('click', { bubbles: true }))
  })
  expect(await tracked(page)).toEqual([
    ['News', {}],
    ['News', {}],
    ['Odd', { '2nd': '2', über: 'ü', itemId: '7' }],
    ['Form', {}],
    ['Foreign', {}],
  ])
  expect(errors).toEqual([])
})

test('a plugin that was undone records nothing more', { tag: '@long' }, async ({ page }) => {
  body = '<button data-sojourn-event="AddToCart">Add</button>'
  await open(page, '/clicks')
  await page.evaluate(() => window.undo())
  await page.click('button')
  expect(await tracked(page)).toEqual([])
})

test('outbound records links to other origins, without what may name a person', { tag: '@long' }, async ({ page }) => {
  body = `<a id="away" href="https://u:p@other.example/path?mail=ada#x">away</a> <a id="here" href="/here">here</a>
    <a id="mail" href="mailto:ada@shop.example">mail</a> <a id="new" href="https://new.example/">new</a> <a id="code" href="javascript:void 0">code</a>
    ${stay}`
  await open(page, '/outbound')
  for (const id of ['away', 'here', 'mail', 'code']) await page.click(`#${id}`)
  await page.click('#new', { button: 'middle' })
  await page.click('#new', { button: 'right' })
  expect((await tracked(page)).map(([, { url }]) => url)).toEqual([
    'https://other.example/path',
    'mailto:',
    'https://new.example/',
  ])
})

test('outbound takes links in drawings, and nothing that leads to no other site', async ({ page }) => {
  body = `<svg><a id="in" href="/here"><text>in</text></a><a id="out" href="https://out.example/x?y"><text>out</text></a>
    <a id="old" xlink:href="https://old.example/"><text>old</text></a></svg>
    <a id="blank" href="about:blank">blank</a> <a id="bad" href="http://">bad</a> <a id="data" download href="data:text/csv,a">data</a>
    ${stay}`
  await open(page, '/outbound')
  for (const id of ['in', 'out', 'old', 'blank', 'bad', 'data']) await page.dispatchEvent(`#${id}`, 'click')
  expect((await tracked(page)).map(([, { url }]) => url)).toEqual(['https://out.example/x', 'https://old.example/'])
})

test('downloads never tells what is in a file that the page has made', async ({ page }) => {
  body = `<a id="data" download href="data:text/csv,name/ada@shop.example">a</a> <a id="text" href="data:text/plain,ada.txt">b</a>
    <a id="blob" download href="blob:nothing/id">c</a>${stay}`
  await open(page, '/downloads')
  for (const id of ['data', 'text', 'blob']) await page.dispatchEvent(`#${id}`, 'click')
  expect((await tracked(page)).map(([, data]) => data)).toEqual([
    { url: 'data:', file: '' },
    { url: 'blob:', file: '' },
  ])
})

test('downloads records links to files and with the attribute download', async ({ page }) => {
  body = `<a id="pdf" href="/files/price-list.PDF?for=ada">list</a> <a id="page" href="/about">about</a>
    <a id="named" href="blob:nothing" download="export.bin">export</a>
    ${stay}`
  await open(page, '/downloads')
  for (const id of ['pdf', 'page', 'named']) await page.click(`#${id}`)
  expect(await tracked(page)).toEqual([
    ['Download', { url: `${site.url}/files/price-list.PDF`, file: 'price-list.PDF' }],
    ['Download', { url: 'blob:', file: 'export.bin' }],
  ])
})

test('downloads takes a pattern of the site, also one that remembers its last match', { tag: '@long' }, async ({
  page,
}) => {
  body = `<a href="/part.step">part</a>${stay}`
  await open(page, `/downloads/${encodeURIComponent('{ pattern: new RegExp("step$", "g") }')}`)
  await page.click('a')
  await page.click('a')
  expect(await names(page)).toEqual(['Download', 'Download'])
})

test('outbound and downloads count no click that the page prevents, at whatever stage', async ({ page }) => {
  const links = `<a id="own" href="https://other.example/own.pdf" onclick="return false">own</a>
    <p onclick="event.preventDefault()"><a id="parent" href="https://other.example/parent.pdf">parent</a></p>
    <p onclick="event.stopPropagation(); event.preventDefault()"><a id="both" href="https://other.example/both.pdf">both</a></p>
    <p onclick="event.stopPropagation()"><a id="stopped" href="https://other.example/stopped.pdf">stopped</a></p>`
  for (const plugin of ['outbound', 'downloads']) {
    body = links + stay
    await open(page, `/${plugin}`)
    for (const id of ['own', 'parent', 'both', 'stopped']) await page.click(`#${id}`)
    expect((await tracked(page)).map(([, { url }]) => url)).toEqual(['https://other.example/stopped.pdf'])
  }
})

test('outbound counts each way to follow a link once', async ({ page, context }) => {
  body = `<a id="nested" href="https://nested.example/"><b><i>in</i></b></a> <a id="tab" target="_blank" href="https://tab.example/">tab</a>
    <img usemap="#map" width="80" height="40" src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>">
    <map name="map"><area id="area" shape="rect" coords="0,0,80,40" href="https://area.example/" alt="area"></map><p id="host"></p>${stay}`
  await open(page, '/outbound')
  await page.evaluate(() => {
    const shadow = document.querySelector('#host')?.attachShadow({ mode: 'open' })
    if (shadow) shadow.innerHTML = '<a id="late" href="https://late.example/"><span>late</span></a>'
  })
  await page.click('#nested i')
  await page.click('#tab')
  await page.click('img')
  await page.click('#late span')
  await page.click('#nested', { modifiers: ['ControlOrMeta'] })
  await page.click('#nested', { button: 'middle' })
  await page.focus('#late')
  await page.keyboard.press('Enter')
  await expect.poll(() => context.pages().length).toBe(4)
  expect((await tracked(page)).map(([, { url }]) => url)).toEqual(
    ['nested', 'tab', 'area', 'late', 'nested', 'nested', 'late'].map(name => `https://${name}.example/`),
  )
})

test('outbound keeps a link that leaves the page while the page is busy', async ({ page }) => {
  body = `<a href="${site.url.replace('127.0.0.1', 'away.example')}/outbound" onclick="for (const end = Date.now() + 500; Date.now() < end; ) ;">away</a>`
  await open(page, '/real/outbound')
  const visitID = await page.evaluate(async () => {
    await window.tracker.flush()
    return window.tracker.status().visitID
  })
  await page.click('a')
  await page.waitForURL('**/outbound')
  await page.goto(`${site.url}/real/outbound`)
  await page.evaluate(() => window.tracker.flush())
  const reply = await fetch(`${collector.url}/v1/visits/${visitID}/events`)
  expect(await reply.text()).toContain('OutboundLink')
})

test('outbound and downloads keep a link that leaves the page before its next task, once', async ({ page }) => {
  for (const [name, href, expected] of [
    ['outbound', 'https://away.example/', 'OutboundLink'],
    ['downloads', '/price-list.pdf', 'Download'],
  ] as const) {
    body = `<a href="${href}">away</a>${stay}`
    await open(page, `/${name}`)
    const atOnce = await page.evaluate(() => {
      document.querySelector('a')?.click()
      dispatchEvent(new PageTransitionEvent('pagehide'))
      return window.tracked.map(([name]) => name)
    })
    expect([atOnce, await names(page)]).toEqual([[expected], [expected]])
  }
})

test('forms records what was submitted and what was abandoned, and no value', async ({ page }) => {
  body = `<form id="order" action="/order?secret=1"><input name="id" value=""><button>Send</button></form>
    <form name="news"><input id="mail"></form> <form action="/search?q=1"><input name="q"></form>
    <script>addEventListener('submit', event => event.preventDefault())</script>`
  await open(page, '/forms')
  await page.fill('[name=id]', 'a secret')
  await page.click('button')
  await page.fill('#mail', 'ada@shop.example')
  await page.fill('[name=q]', 'another secret')
  await page.evaluate(() => {
    document.querySelector('form[name=news]')?.remove()
    document.body.click()
  })
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pagehide')))
  expect(await tracked(page)).toEqual([
    ['FormSubmitted', { form: 'order' }],
    ['FormAbandoned', { form: 'news', field: 'mail' }],
    ['FormAbandoned', { form: `${site.url}/search`, field: 'q' }],
  ])
})

test('forms counts a form as submitted that a script submits or reads out, also in a shadow root', async ({ page }) => {
  body = `<form id="script" target="none" action="about:blank"><input></form><form id="read"><input></form><form id="again"><input></form>
    <form id="clobbered"><input><input name="isConnected"></form><p id="host"></p>
    <iframe name="none"></iframe><script>host.attachShadow({ mode: 'open' }).innerHTML = '<form id="deep"><input></form>'</script>`
  await open(page, '/forms')
  for (const id of ['script', 'read', 'again', 'clobbered', 'deep'])
    await page.locator(`#${id} input`).first().fill('a secret')
  await page.evaluate(() => {
    document.querySelector('#clobbered input')?.setAttribute('name', 'getAttribute')
    const form = (id: string): HTMLFormElement => document.querySelector(`#${id}`) as HTMLFormElement
    form('script').submit()
    document
      .querySelector('#host')
      ?.shadowRoot?.querySelector('form')
      ?.dispatchEvent(new Event('submit', { bubbles: true }))
    return ['read', 'again'].map(id => [...new FormData(form(id)).keys()])
  })
  await page.fill('#again input', 'another secret')
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pagehide')))
  const told = (await tracked(page)).map(([name, { form }]) => `${name} ${String(form)}`)
  expect(told.sort()).toEqual([
    'FormAbandoned again',
    'FormAbandoned clobbered',
    'FormSubmitted deep',
    'FormSubmitted read',
    'FormSubmitted script',
  ])
})

test('forms that were undone listen nowhere, also in no shadow root', async ({ page }) => {
  body = `<p id="host"></p>
    <script>host.attachShadow({ mode: 'open' }).innerHTML = '<form id="deep"><input></form>'</script>`
  await open(page, '/forms')
  await page.fill('#deep input', 'a secret')
  const browser = await page.context().newCDPSession(page)
  const listeners = async (expression: string): Promise<string[]> => {
    const { result } = await browser.send('Runtime.evaluate', { expression })
    const objectId = result.objectId as string
    return (await browser.send('DOMDebugger.getEventListeners', { objectId })).listeners.map(({ type }) => type)
  }
  expect((await listeners('host.shadowRoot')).sort()).toEqual(['formdata', 'submit'])
  await page.evaluate(() => window.undo())
  const left = [...(await listeners('host.shadowRoot')), ...(await listeners('window'))]
  expect(left.filter(type => ['input', 'submit', 'formdata', 'pagehide'].includes(type))).toEqual([])
})

test('a form that is abandoned as the tab closes reaches the collector', { tag: '@long' }, async ({ context }) => {
  body = '<form id="order"><input name="street"></form>'
  const page = await context.newPage()
  await open(page, '/real/forms')
  await page.fill('input', 'Main Street 1')
  const visitID = await page.evaluate(async () => {
    await window.tracker.flush()
    return window.tracker.status().visitID
  })
  await page.close({ runBeforeUnload: false })
  const next = await context.newPage()
  await open(next, '/real/forms')
  const all = async (): Promise<unknown[]> => {
    const { items } = (await collector.get<{ items: { eventName: string; url: string; data: unknown }[] }>(
      `/v1/visits/${visitID}/events`,
    )) ?? { items: [] }
    return items.filter(({ eventName }) => eventName === 'FormAbandoned').map(({ url, data }) => [url, data])
  }
  await expect.poll(all).toEqual([[`${site.url}/real/forms`, { form: 'order', field: 'street' }]])
})

test('engagement records active time and the deepest scroll as they happen, each page for itself', async ({ page }) => {
  body = '<main style="height:4000px">long</main>'
  await page.clock.install()
  await open(page, '/engagement')
  await page.clock.runFor(3000)
  await page.mouse.wheel(0, 2500)
  await page.waitForFunction(() => scrollY > 1500)
  await page.clock.runFor(4000)
  const last = async (): Promise<unknown> => (await tracked(page)).at(-1)
  await expect.poll(last).toEqual(['Engagement', { activeSeconds: 5, scrolledPercent: 75 }, { activity: false }])
  // Nobody does anything, so no time is active.
  await page.clock.runFor(60_000)
  expect(await last()).toEqual(['Engagement', { activeSeconds: 10, scrolledPercent: 75 }, { activity: false }])
  await page.evaluate(() => {
    scrollTo(0, 0)
    history.pushState({}, '', '/next')
  })
  await page.clock.runFor(1000)
  await page.mouse.move(5, 5)
  await page.clock.runFor(6000)
  expect(await last()).toEqual(['Engagement', { activeSeconds: 5, scrolledPercent: 0 }, { activity: false }])
  // The page is left, and comes back as it was: another view.
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
  await page.clock.runFor(2000)
  await page.mouse.move(9, 9)
  await page.clock.runFor(5000)
  expect((await tracked(page)).slice(-2).map(([, data]) => data.activeSeconds)).toEqual([5, 5])
})

test('engagement looks at the part of an application that scrolls, if the window does not', async ({ page }) => {
  body = `<style>body { margin: 0 }</style><main style="height:100vh;overflow:auto"><p style="height:4000px;margin:0">long</p></main>`
  await page.clock.install()
  await open(page, '/engagement')
  await page.clock.runFor(2000)
  expect(await tracked(page)).toEqual([])
  await page.evaluate(() => document.querySelector('main')?.scrollTo(0, 2500))
  await page.clock.runFor(2000)
  expect((await tracked(page)).map(([, { scrolledPercent }]) => scrolledPercent)).toEqual([75])
})

test('errors tells no query of an address, and no event that is no error', async ({ page }) => {
  await open(page, '/errors')
  await page.evaluate(() => {
    dispatchEvent(new Event('error'))
    const message = 'GET https://u:p@api.example/x?token=secret failed'
    dispatchEvent(new ErrorEvent('error', { message }))
    dispatchEvent(new PromiseRejectionEvent('unhandledrejection', { promise: Promise.resolve(), reason: { message } }))
  })
  const message = 'GET https://api.example/x failed'
  expect((await tracked(page)).map(([, data]) => data)).toMatchObject([{ message }, { message, kind: 'rejection' }])
})

test('errors and campaign cut no character in two', async ({ page }) => {
  const most = 'x'.repeat(299)
  await open(page, '/errors')
  await page.evaluate(message => void dispatchEvent(new ErrorEvent('error', { message })), `${most}🛒`)
  expect((await tracked(page)).map(([, data]) => data)).toMatchObject([{ message: most }])
  const value = 'x'.repeat(199)
  await open(page, `/campaign/${encodeURIComponent('{"parameters":["ref"]}')}?utm_source=${value}🛒&ref=${value}🛒`)
  expect(await tracked(page)).toEqual([['Campaign', { source: value, ref: value }]])
})

test('errors records each error once, with what cannot be a text, and ten at most', { tag: '@long' }, async ({
  page,
}) => {
  await open(page, '/errors')
  await page.evaluate(() => {
    const fail = (value: unknown): void => void Promise.reject(value)
    fail(new TypeError('lost'))
    fail(new TypeError('lost'))
    fail(Object.create(null))
    setTimeout(() => {
      throw new Error('thrown')
    })
    setTimeout(() => {
      for (let n = 0; n < 30; n++) fail(`number ${n}`)
    }, 50)
  })
  await expect.poll(async () => (await tracked(page)).length).toBe(10)
  const data = (await tracked(page)).map(([, one]) => one)
  expect(data).toContainEqual(expect.objectContaining({ message: 'TypeError: lost', kind: 'rejection' }))
  expect(data).toContainEqual(expect.objectContaining({ message: 'object' }))
  expect(data).toContainEqual(expect.objectContaining({ message: 'Uncaught Error: thrown', kind: 'error' }))
  expect(data.filter(({ message }) => message === 'TypeError: lost')).toHaveLength(1)
})

test('seen records an element that was in view for a second, once, also one that came later', async ({ page }) => {
  body = '<p style="height:3000px">above</p><section id="prices" data-sojourn-seen="PricesSeen">prices</section>'
  await open(page, '/seen')
  expect(await names(page)).toEqual([])
  await page.evaluate(() => {
    document.body.insertAdjacentHTML(
      'beforeend',
      '<p id="late" data-sojourn-seen="LateSeen" style="height:9000px">late</p>',
    )
    document.querySelector('#prices')?.scrollIntoView()
  })
  await expect.poll(() => names(page)).toEqual(expect.arrayContaining(['PricesSeen', 'LateSeen']))
  expect(await tracked(page)).toContainEqual(['PricesSeen', { element: 'prices' }])
  expect(await names(page)).toHaveLength(2)
})

test('seen records an element that is as tall as many windows, while somebody scrolls through it', async ({ page }) => {
  body =
    '<p style="height:1000px">above</p><article data-sojourn-seen="ArticleSeen" style="height:15000px">tall</article>'
  await open(page, '/seen')
  await page.evaluate(async () => {
    for (let y = 0; y < 2000; y += 100) {
      scrollTo(0, y)
      await new Promise(resolve => requestAnimationFrame(resolve))
    }
  })
  await expect.poll(() => names(page)).toEqual(['ArticleSeen'])
})

test('dwell records time on a page and time without a movement', { tag: '@long' }, async ({ page }) => {
  await page.clock.install()
  await open(page, `/dwell/${encodeURIComponent('{ seconds: [3, 20], stillSeconds: 10 }')}`)
  await page.clock.runFor(5000)
  await page.mouse.move(9, 9)
  await page.clock.runFor(25_000)
  expect((await tracked(page)).map(([name, data]) => [name, data.seconds])).toEqual([
    ['TimeOnPage', 3],
    ['NoMovement', 10],
    ['TimeOnPage', 20],
  ])
  // The page comes back as it was left.
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
  await page.clock.runFor(5000)
  expect((await tracked(page)).at(-1)).toEqual(['TimeOnPage', { seconds: 3 }, { activity: false }])
})

test('campaign records what the address tells of a campaign, and nothing without one', { tag: '@long' }, async ({
  page,
}) => {
  await open(page, '/campaign/?utm_source=news&utm_medium=mail&utm_campaign=&q=1')
  expect(await tracked(page)).toEqual([['Campaign', { source: 'news', medium: 'mail' }]])
  await open(page, '/campaign/?q=1')
  expect(await tracked(page)).toEqual([])
})

test('media records start, quarters and end of what is played, each once', { tag: '@long' }, async ({ page }) => {
  body = '<audio id="song"></audio>'
  await open(page, '/media')
  await page.evaluate(async () => {
    // One second of silence: 8,000 samples of a byte.
    const head = [0x46464952, 36 + 8000, 0x45564157, 0x20746d66, 16, 0x10001, 8000, 8000, 0x80001, 0x61746164, 8000]
    const silence = new Uint8Array(8000).fill(128)
    const song = document.querySelector('audio') as HTMLAudioElement
    song.muted = true
    song.src = URL.createObjectURL(new Blob([new Uint32Array(head), silence], { type: 'audio/wav' }))
    for (let n = 0; n < 2; n++) {
      await song.play()
      await new Promise(resolve => song.addEventListener('ended', resolve, { once: true }))
    }
  })
  const all = await tracked(page)
  expect(all.map(([name, { percent }]) => [name, percent])).toEqual(
    expect.arrayContaining([
      ['MediaStarted', undefined],
      ['MediaPlayed', 25],
      ['MediaEnded', undefined],
    ]),
  )
  expect(new Set(all.map(one => JSON.stringify(one))).size).toBe(all.length)
  expect(all[0]?.[1]).toMatchObject({ media: 'song' })
})

test('media counts another film in the same element, also if only the query of its address differs', async ({
  page,
}) => {
  body = '<video id="film"></video>'
  await open(page, '/media')
  await page.evaluate(() => {
    const film = document.querySelector('video') as HTMLVideoElement
    for (const address of ['/film?part=1#a', '/film?part=1#a', '/film?part=2', '/film?part=1#a']) {
      Object.defineProperty(film, 'currentSrc', { value: new URL(address, location.href).href, configurable: true })
      film.dispatchEvent(new Event('play'))
    }
    film.id = ''
    Object.defineProperty(film, 'currentSrc', { value: `${location.origin}/film?part=3` })
    film.dispatchEvent(new Event('play'))
  })
  expect(await tracked(page)).toEqual([
    ['MediaStarted', { media: 'film' }],
    ['MediaStarted', { media: 'film' }],
    ['MediaStarted', { media: `${site.url}/film` }],
  ])
})

test('vitals records how the page has loaded', async ({ page }) => {
  body = '<h1>Hello</h1>'
  await open(page, '/vitals')
  await page.mouse.click(5, 5)
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  const measured = async (): Promise<unknown[]> => (await tracked(page)).map(([, { name }]) => name)
  await expect.poll(measured).toEqual(expect.arrayContaining(['TTFB', 'FCP', 'LCP', 'CLS']))
})

test('vitals listens once, however often it begins, and tells who begins later what was measured', async ({ page }) => {
  body = `<script>
    window.listeners = 0
    for (const target of [window, document]) {
      const { addEventListener } = target
      target.addEventListener = function (...args) { window.listeners++; return addEventListener.apply(target, args) }
    }</script>`
  await open(page, '/vitals')
  const measured = async (): Promise<unknown[]> => (await tracked(page)).map(([, { name }]) => name)
  await expect.poll(measured).toContain('TTFB')
  const result = await page.evaluate(async () => {
    const { listeners } = window as unknown as { listeners: number }
    const path = '/plugins/vitals.js'
    const { vitals } = (await import(path)) as { vitals: (tracker: object) => () => void }
    const late: string[] = []
    for (let times = 0; times < 5; times++) vitals({ track: () => {} })()
    vitals({ track: (_name: string, { name }: { name: string }) => late.push(name) })
    return { before: listeners, after: (window as unknown as { listeners: number }).listeners, late }
  })
  expect(result.before).toBeGreaterThan(0)
  expect(result.after).toBe(result.before)
  expect(result.late).toContain('TTFB')
})

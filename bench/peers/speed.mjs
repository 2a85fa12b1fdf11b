// Measures what a tracker costs the page: start, calls, and bytes on the wire. A new browser for each measurement.

import { makeProfile, openBrowser, removeProfile } from '../../e2e/faults/browser.ts'
import { label, startBackend } from './backend.mjs'
import { startSite } from './site.mjs'

/** How many times slower the CPU of the page is. */
export const cpuSlowdown = 4
const single = 100
export const burst = 200

/** The browser of measurements says that it is a browser of a person, because trackers leave out automated ones. */
export const browserFlags = [
  '--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36',
]

/** Measures one tracker once. */
export async function measureSpeed(name, code) {
  const backend = await startBackend()
  const site = await startSite({ [name]: code }, backend.url)
  const profile = makeProfile()
  const browser = await openBrowser(profile, browserFlags)
  try {
    const page = await browser.context.newPage()
    await page.goto(`${site.base}/blank`)
    const cdp = await browser.context.newCDPSession(page)
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: cpuSlowdown })
    const readCpu = async () => {
      const { metrics } = await cdp.send('Performance.getMetrics')
      return metrics.find(metric => metric.name === 'TaskDuration').value * 1000
    }
    await page.evaluate(async address => {
      window.code = await (await fetch(address)).text()
      await new Promise(resolve => setTimeout(resolve, 300))
    }, `${site.base}/${name}.js`)
    const before = await readCpu()
    const startMs = await page.evaluate(
      url =>
        new Promise(resolve => {
          setTimeout(() => {
            const { port1, port2 } = new MessageChannel()
            const script = document.createElement('script')
            script.textContent = `${window.code}\nwindow.Peer = Peer`
            const begun = performance.now()
            // The message is posted first, so its task begins after the microtasks of this one.
            port1.onmessage = () => resolve(performance.now() - begun)
            port2.postMessage(0)
            document.head.append(script)
            window.Peer.start(url)
            window.Peer.identify('user-42')
            window.Peer.page()
          })
        }),
      backend.url,
    )
    await page.waitForTimeout(2000)
    const startCpuMs = (await readCpu()) - before
    await page.waitForFunction(() => window.Peer.isReady())
    const sent = backend.read()
    const callUs = await page.evaluate(
      async ({ count, text }) => {
        const times = []
        for (let n = 0; n < count; n++) {
          await new Promise(resolve => setTimeout(resolve, 4))
          await new Promise(resolve => {
            setTimeout(() => {
              const { port1, port2 } = new MessageChannel()
              const begun = performance.now()
              port1.onmessage = () => {
                times.push((performance.now() - begun) * 1000)
                resolve()
              }
              port2.postMessage(0)
              window.Peer.track('AddToCart', { n: String(n), label: text, price: 19.95, currency: 'EUR' })
            })
          })
        }
        return times.sort((a, b) => a - b)[Math.floor(count / 2)]
      },
      { count: single, text: label },
    )
    await settle(backend, single)
    const cpu = await readCpu()
    await page.evaluate(
      ({ from, to, text }) => {
        for (let n = from; n < to; n++)
          window.Peer.track('AddToCart', { n: String(n), label: text, price: 19.95, currency: 'EUR' })
      },
      { from: single, to: single + burst, text: label },
    )
    await page.waitForTimeout(5000)
    const burstCpuMs = (await readCpu()) - cpu
    await settle(backend, single + burst)
    const { bytes, requests } = backend.read()
    return {
      startMs,
      startCpuMs,
      callUs,
      burstCpuMs,
      bytesPerEvent: (bytes - sent.bytes) / (single + burst),
      requestsPer100: ((requests - sent.requests) / (single + burst)) * 100,
      missing: backend.count(single + burst).lost,
    }
  } finally {
    await browser.close()
    site.stop()
    await backend.stop()
    removeProfile(profile)
  }
}

/** Waits until all of `n` events have arrived, or none has for a while. */
async function settle(backend, n) {
  for (const end = Date.now() + 15_000; Date.now() < end && backend.count(n).lost; )
    await new Promise(resolve => setTimeout(resolve, 100))
}

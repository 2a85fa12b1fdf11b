// Draws the results: four panels of bars, each from zero, with the figure at the end of each bar.

import { toPercent, toShare } from './tables.mjs'

const width = 960
const columns = 2
const panel = { width: width / columns, head: 62, row: 25, foot: 18 }
const names = { width: 100, gap: 8 }
const bars = { left: 24 + names.width + names.gap, width: panel.width - 24 - names.width - names.gap - 92 }

/** The style of the picture: it follows the scheme of who looks at it. */
const style = `
  svg { --paper: #fff; --ink: #1c2733; --soft: #55636f; --line: #8a97a3; --bar: #a9b8c6; --ours: #0b6b3a }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #12181f; --ink: #e8edf2; --soft: #a3b0bc; --line: #6b7885; --bar: #51606e; --ours: #3fbf7f }
  }
  text { fill: var(--ink); font: 13px ui-sans-serif, system-ui, sans-serif }
  .head { font-size: 15px; font-weight: 600 }
  .soft { fill: var(--soft); font-size: 12px }
  .ours { font-weight: 600 }
  .axis { stroke: var(--line) }`

/** Makes the picture as SVG. */
export function toPicture(results) {
  const { trackers, speed, about } = results
  const panels = [
    {
      title: 'Size',
      about: 'KiB of brotli, all built alike; less is better',
      value: ({ brotli }) => brotli / 1024,
      text: value => value.toFixed(1),
    },
    {
      title: 'Start',
      about: `ms of CPU in the first 2 s, CPU ${about.cpuSlowdown}x slower; less is better`,
      value: ({ name }) => speed[name].startCpuMs,
      text: value => value.toFixed(0),
    },
    {
      title: 'On the wire',
      about: 'bytes of bodies and addresses for each event; less is better',
      value: ({ name }) => speed[name].bytesPerEvent,
      text: value => value.toFixed(0),
    },
    {
      title: 'Lost',
      about: `events that never arrived, mean of ${results.faults.length} faults; less is better`,
      value: ({ name }) => toShare(results, name, 'lost'),
      text: toPercent,
    },
  ]
  const panelHeight = panel.head + trackers.length * panel.row + panel.foot
  const height = Math.ceil(panels.length / columns) * panelHeight + 24
  const drawn = panels.map((one, n) => {
    const x = (n % columns) * panel.width
    const y = Math.floor(n / columns) * panelHeight
    return `  <g transform="translate(${x} ${y})">\n${toPanel(one, trackers)}\n  </g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title about">
  <title id="title">Sojourn beside other trackers</title>
  <desc id="about">${escape(toDescription(panels, trackers))}</desc>
  <style>${style}
  </style>
  <rect width="${width}" height="${height}" fill="var(--paper)"/>
${drawn.join('\n')}
  <text class="soft" x="24" y="${height - 14}">${escape(toFootnote(about))}</text>
</svg>
`
}

function toFootnote({ date, cores, loads }) {
  return `npm run bench:peers, ${date}, ${cores} cores, load average ${loads[0]} to ${loads[2]}. Every bar begins at zero.`
}

function toPanel({ title, about, value, text }, trackers) {
  const values = trackers.map(value)
  const most = Math.max(...values) || 1
  const rows = trackers.map(({ name, title: tracker }, n) => {
    const y = panel.head + n * panel.row
    const length = Math.round((values[n] / most) * bars.width * 10) / 10
    const isOurs = name === 'sojourn'
    const mark = isOurs ? ' class="ours"' : ''
    const fill = isOurs ? 'var(--ours)' : 'var(--bar)'
    return [
      `    <text${mark} x="${bars.left - names.gap}" y="${y + 16}" text-anchor="end">${escape(tracker)}</text>`,
      `    <rect x="${bars.left}" y="${y + 3}" width="${length}" height="${panel.row - 7}" fill="${fill}"/>`,
      `    <text${mark} x="${bars.left + length + 6}" y="${y + 16}">${escape(text(values[n]))}</text>`,
    ].join('\n')
  })
  const end = panel.head + trackers.length * panel.row
  return [
    `    <text class="head" x="24" y="30">${escape(title)}</text>`,
    `    <text class="soft" x="24" y="49">${escape(about)}</text>`,
    ...rows,
    `    <path class="axis" d="M${bars.left} ${panel.head}V${end}"/>`,
  ].join('\n')
}

function toDescription(panels, trackers) {
  return panels
    .map(({ title, about, value, text }) => {
      const figures = trackers.map(one => `${one.title} ${text(value(one))}`)
      return `${title} (${about}): ${figures.join(', ')}.`
    })
    .join(' ')
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

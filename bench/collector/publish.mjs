// Writes the figures to `docs/collector-figures.json`, and their tables between the marks in `docs/scale.md`.

import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import process from 'node:process'
import { toKept, toWhole } from './report.mjs'
import { recordsPerBatch } from './settings.mjs'

const [begin, end] = ['<!-- collector-figures -->', '<!-- /collector-figures -->']
const names = { baseline: 'the bare endpoint', sqlite: 'SQLite', postgres: 'PostgreSQL' }
const docs = name => new URL(`../../docs/${name}`, import.meta.url)
/** The number of decimal places of each figure. */
const places = {
  ratio: 3,
  ratios: 3,
  perSecond: 0,
  p50Ms: 1,
  p99Ms: 1,
  cpuUs: 0,
  databaseUs: 0,
  loadCpu: 2,
  ofOld: 3,
  ofOlds: 3,
  bytesPerEvent: 0,
  smallMs: 2,
  filledMs: 2,
}

/** Writes the figures and the tables. If the page has no marks, they are added at its end. */
export function publish({ versions, setting, ...measured }) {
  const about = {
    date: new Date().toISOString().slice(0, 10),
    command: ['npm run bench:collector --', ...process.argv.slice(2)].join(' '),
    cpus: cpus().length,
    node: process.versions.node,
    postgres: versions.postgres ?? null,
    ...setting,
  }
  const figures = { about, ...toRounded(measured) }
  writeFileSync(docs('collector-figures.json'), `${JSON.stringify(figures, null, 2)}\n`)
  const page = readPage()
  const [before, rest] = page.split(begin)
  writeFileSync(docs('scale.md'), `${before}${begin}\n${toTables(figures)}\n${end}${rest.split(end)[1]}`)
}

function toRounded(value, name) {
  if (typeof value === 'number') return name in places ? Number(value.toFixed(places[name])) : value
  if (Array.isArray(value)) return value.map(one => toRounded(one, name))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toRounded(one, key)]))
}

function readPage() {
  let page = '# Scale\n'
  try {
    page = readFileSync(docs('scale.md'), 'utf8')
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  return page.includes(begin) && page.includes(end) ? page : `${page}\n## Figures\n\n${begin}\n${end}\n`
}

/** Makes the tables of published figures. */
export function toTables({ about, baseline, replays, filled, reads }) {
  const { date, command, cpus, node, postgres, connections, rounds, ms, events } = about
  const machine = `${cpus} CPUs, shared with the load and the database; Node ${node}${postgres ? `; PostgreSQL ${postgres} with the settings that it comes with` : ''}`
  const perRead = reads.map(({ name }) => `${names[name]}, 10 sessions | ${toWhole(events)} events | ratio`)
  return [
    `\`${command}\`, ${date}. ${machine}. ${connections} connections, batches of ${recordsPerBatch} records; medians of ${rounds} rounds of ${ms / 1000} s that take turns.`,
    '',
    '| fresh batches | requests/s | events/s | p50 | p99 | CPU a request (server + database) | of the bare endpoint | goal | |',
    '|---|--:|--:|--:|--:|--:|--:|--:|---|',
    ...baseline.map(toIngest),
    '',
    `| against itself | ${replays.map(({ name }) => names[name]).join(' | ')} | goal |`,
    `|---|${replays.map(() => '--:|').join('')}--:|`,
    toOwn('time of a replay, of that of the first write', replays, '≤', (ratio, goal) => ratio <= goal),
    toOwn(
      `ingest with ${toWhole(events)} events stored, of the empty database's`,
      filled,
      '≥',
      (ratio, goal) => ratio >= goal,
    ),
    '',
    `| a reader waits (p50; goal: a ratio ≤ 2) | ${perRead.join(' | ')} |`,
    `|---|${reads.map(() => '--:|--:|--:|').join('')}`,
    ...reads[0].rows.map(
      ({ route }, place) => `| \`${route}\` | ${reads.map(({ rows }) => toRead(rows[place])).join(' | ')} |`,
    ),
  ].join('\n')
}

function toIngest({ name, perSecond, p50Ms, p99Ms, cpuUs, databaseUs, ratio, goal }) {
  const end = goal === null ? '1 | | ' : `${ratio.toFixed(2)} | ≥ ${goal} | ${toKept(ratio >= goal)} `
  const cpu = databaseUs ? `${cpuUs} + ${databaseUs} µs` : `${cpuUs} µs`
  const rates = `${toWhole(perSecond)} | ${toWhole(perSecond * recordsPerBatch)}`
  return `| ${names[name]} | ${rates} | ${p50Ms.toFixed(1)} ms | ${p99Ms.toFixed(1)} ms | ${cpu} | ${end}|`
}

function toOwn(what, rows, sign, isKept) {
  const cells = rows.map(({ ratio, goal }) => ratio.toFixed(2) + (isKept(ratio, goal) ? '' : ', **missed**'))
  return `| ${what} | ${cells.join(' | ')} | ${sign} ${rows[0].goal} |`
}

function toRead({ smallMs, filledMs, ratio, statuses, goal }) {
  const said = ratio === null ? `answers ${statuses.join(' and ')}` : ratio.toFixed(2)
  return `${smallMs.toFixed(2)} ms | ${filledMs.toFixed(2)} ms | ${said}${ratio > goal ? ', **missed**' : ''}`
}

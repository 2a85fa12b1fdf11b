// Writes the figures to `docs/*-figures.json`, and their tables between the marks in `docs/scale.md`.

import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import process from 'node:process'
import { medianOf, toKept, toWhole } from './report.mjs'
import { recordsPerBatch } from './settings.mjs'

const names = { baseline: 'the bare endpoint', sqlite: 'SQLite', postgres: 'PostgreSQL' }
const docs = name => new URL(`../../docs/${name}`, import.meta.url)
/** The number of decimal places of each figure. */
const places = {
  ratio: 3,
  ratios: 3,
  perSecond: 0,
  p50Ms: 1,
  p95Ms: 1,
  p99Ms: 1,
  emptyMs: 1,
  cpuMs: 1,
  cpuUs: 0,
  databaseUs: 0,
  loadCpu: 2,
  ofOld: 3,
  ofOlds: 3,
  bytesPerEvent: 0,
  smallMs: 2,
  filledMs: 2,
}

/** Writes the figures of ingest and of reads, and their tables. */
export function publish({ versions, setting, baseline, replays, filled, reads }) {
  put(
    'collector-figures',
    { about: tellAbout(versions, setting), ...toRounded({ baseline, replays, filled, reads }) },
    toTables,
  )
}

/** Writes the figures of the questions about numbers, and their table. */
export function publishNumbers({ versions, setting: { events }, numbers }) {
  put('numbers-figures', { about: tellAbout(versions, { events }), numbers: toRounded(numbers) }, toNumbersTable)
}

function tellAbout(versions, setting) {
  return {
    date: new Date().toISOString().slice(0, 10),
    command: ['npm run bench:collector --', ...process.argv.slice(2)].join(' '),
    cpus: cpus().length,
    node: process.versions.node,
    postgres: versions.postgres ?? null,
    ...setting,
  }
}

/** Writes figures, and their tables between the marks of that name in `docs/scale.md`. */
function put(name, figures, toText) {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const page = readFileSync(docs('scale.md'), 'utf8')
  const [before, rest] = page.split(begin)
  if (!rest?.includes(end)) throw new Error(`docs/scale.md has no ${begin} … ${end}`)
  writeFileSync(docs(`${name}.json`), `${JSON.stringify(figures, null, 2)}\n`)
  writeFileSync(docs('scale.md'), `${before}${begin}\n${toText(figures)}\n${end}${rest.split(end)[1]}`)
}

function toRounded(value, name) {
  if (typeof value === 'number') return name in places ? Number(value.toFixed(places[name])) : value
  if (Array.isArray(value)) return value.map(one => toRounded(one, name))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toRounded(one, key)]))
}

function toMachine({ cpus, node, postgres }) {
  return `${cpus} CPUs, shared with the load and the database; Node ${node}${postgres ? `; PostgreSQL ${postgres} with the settings that it comes with` : ''}`
}

/** Makes the table of the questions about numbers: for each kind the slowest question. */
export function toNumbersTable({ about, numbers }) {
  const { date, command, events } = about
  const stores = numbers.map(({ name }) => `${names[name]}, median p50 | slowest p95 | of empty`)
  const { goal } = numbers[0].rows[0]
  const ofKind = (rows, kind) => rows.filter(row => row.kind === kind)
  const toCells = rows => {
    const [p50, ratio] = [medianOf(rows.map(({ p50Ms }) => p50Ms)), medianOf(rows.map(row => row.ratio))]
    const p95 = Math.max(...rows.map(({ p95Ms }) => p95Ms))
    return `${p50.toFixed(1)} ms | ${p95.toFixed(1)} ms${p95 <= goal ? '' : ', **missed**'} | ${ratio.toFixed(1)}`
  }
  return [
    `\`${command}\`, ${date}. ${toMachine(about)}. ${toWhole(events)} events. "Of empty" is the median of the ratios to an empty database that takes turns. Goal: p95 ≤ ${goal} ms.`,
    '',
    `| what is asked | questions | ${stores.join(' | ')} |`,
    `|---|--:|${numbers.map(() => '--:|--:|--:|').join('')}`,
    ...[...new Set(numbers[0].rows.map(({ kind }) => kind))].map(kind => {
      const cells = numbers.map(({ rows }) => toCells(ofKind(rows, kind)))
      return `| ${kind} | ${ofKind(numbers[0].rows, kind).length} | ${cells.join(' | ')} |`
    }),
  ].join('\n')
}

/** Makes the tables of published figures. */
export function toTables({ about, baseline, replays, filled, reads }) {
  const { date, command, connections, rounds, ms, events } = about
  const perRead = reads.map(({ name }) => `${names[name]}, 10 sessions | ${toWhole(events)} events | ratio`)
  return [
    `\`${command}\`, ${date}. ${toMachine(about)}. ${connections} connections, batches of ${recordsPerBatch} records; medians of ${rounds} rounds of ${ms / 1000} s that take turns.`,
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

// How figures are said: to the reader of the run, and in the docs.

import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import process from 'node:process'
import { recordsPerBatch } from './batches.mjs'

const docs = name => new URL(`../../docs/${name}`, import.meta.url)
const [begin, end] = ['<!-- collector-figures -->', '<!-- /collector-figures -->']
const names = { baseline: 'the bare endpoint', sqlite: 'SQLite', postgres: 'PostgreSQL' }

/** The middle of a list; of an even one, the upper of the two. */
export function medianOf(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
}

const round = (value, places) => Number(value.toFixed(places))
const whole = value => Math.round(value).toLocaleString('en').replaceAll(',', ' ')
const say = isKept => (isKept ? 'kept' : '**missed**')

/** Prints what was measured. */
export function printFigures({ baseline, replays, filled, reads }) {
  for (const { name, perSecond, p50Ms, p99Ms, cpuUs, loadCpu, ratio, ratios, goal } of baseline) {
    const rate = `${whole(perSecond)} requests/s, ${whole(perSecond * recordsPerBatch)} events/s`
    const times = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`
    const cores = `CPU ${cpuUs.toFixed(0)} µs a request (load ${loadCpu.toFixed(2)} cores)`
    const kept = goal === null ? '' : `, goal ${goal}: ${say(ratio >= goal)}`
    console.log(`${name.padEnd(9)} ${rate}, ${times}, ${cores}, ratio ${toRounds(ratio, ratios)}${kept}`)
  }
  for (const { name, ratio, ratios, goal } of replays)
    console.log(`${name.padEnd(9)} replays take ${toRounds(ratio, ratios)} of the first time: ${say(ratio <= goal)}`)
  for (const { name, ratio, ratios, goal } of filled)
    console.log(`${name.padEnd(9)} filled takes ${toRounds(ratio, ratios)} of empty: ${say(ratio >= goal)}`)
  for (const { name, rows } of reads)
    for (const { route, smallMs, filledMs, ratio, statuses, goal } of rows) {
      const said = ratio === null ? `answered ${statuses.join(' and ')}` : `${ratio.toFixed(2)}: ${say(ratio <= goal)}`
      console.log(`${name.padEnd(9)} ${smallMs.toFixed(2)} ms, filled ${filledMs.toFixed(2)} ms, ${said}  ${route}`)
    }
}

function toRounds(ratio, ratios) {
  return `${ratio.toFixed(3)} (${ratios.map(one => one.toFixed(2)).join(' ')})`
}

/** Writes the figures, and the table of them between the marks in `docs/scale.md`. */
export function publish(figures) {
  const { baseline, replays, filled, reads, versions, setting } = figures
  const about = {
    date: new Date().toISOString().slice(0, 10),
    cpus: cpus().length,
    node: process.versions.node,
    postgres: versions.postgres ?? null,
    ...setting,
  }
  const three = rows =>
    rows.map(row => ({ ...row, ratio: round(row.ratio, 3), ratios: row.ratios.map(one => round(one, 3)) }))
  const published = {
    about,
    baseline: three(baseline).map(row => ({
      ...row,
      perSecond: Math.round(row.perSecond),
      p50Ms: round(row.p50Ms, 1),
      p99Ms: round(row.p99Ms, 1),
      cpuUs: Math.round(row.cpuUs),
      loadCpu: round(row.loadCpu, 2),
    })),
    replays: three(replays),
    filled: three(filled),
    reads: reads.map(({ name, rows }) => ({
      name,
      rows: rows.map(row => ({
        ...row,
        smallMs: round(row.smallMs, 2),
        filledMs: round(row.filledMs, 2),
        ratio: row.ratio && round(row.ratio, 2),
      })),
    })),
  }
  writeFileSync(docs('collector-figures.json'), `${JSON.stringify(published, null, 2)}\n`)
  const page = readPage()
  const [before, rest] = page.split(begin)
  writeFileSync(docs('scale.md'), `${before}${begin}\n${toTables(published)}\n${end}${rest.split(end)[1]}`)
}

function readPage() {
  const bare = `# Scale\n\n## Figures\n\n${begin}\n${end}\n`
  try {
    const page = readFileSync(docs('scale.md'), 'utf8')
    return page.includes(begin) && page.includes(end) ? page : `${page.trimEnd()}\n\n## Figures\n\n${begin}\n${end}\n`
  } catch (error) {
    if (error.code === 'ENOENT') return bare
    throw error
  }
}

function toTables({ about, baseline, replays, filled, reads }) {
  const { date, cpus, node, postgres, connections, rounds, ms, events } = about
  const machine = `${cpus} CPUs, shared with the load and the database; Node ${node}${postgres ? `, PostgreSQL ${postgres} as it is installed` : ''}`
  const lines = [
    `\`npm run bench:collector -- --publish\`, ${date}. ${machine}. ${connections} connections, batches of ${recordsPerBatch} records; medians of ${rounds} rounds of ${ms / 1000} s that take turns.`,
    '',
    '| fresh batches | requests/s | events/s | p50 | p99 | of the bare endpoint | goal | |',
    '|---|--:|--:|--:|--:|--:|--:|---|',
    ...baseline.map(({ name, perSecond, p50Ms, p99Ms, ratio, goal }) => {
      const end = goal === null ? '| 1 | | |' : `| ${ratio.toFixed(2)} | ≥ ${goal} | ${say(ratio >= goal)} |`
      return `| ${names[name]} | ${whole(perSecond)} | ${whole(perSecond * recordsPerBatch)} | ${p50Ms.toFixed(1)} ms | ${p99Ms.toFixed(1)} ms ${end}`
    }),
    '',
    '| against itself | SQLite and PostgreSQL | goal | |',
    '|---|--:|--:|---|',
    ...toPairs(replays, 'a replay takes, of the time of the first write', '≤', ratio => ratio <= 1),
    ...toPairs(
      filled,
      `ingest with ${whole(events)} events stored, of the empty database's`,
      '≥',
      ratio => ratio >= 0.8,
    ),
    '',
    `| a reader waits (p50) | ${reads.map(({ name }) => `${names[name]}: 10 sessions | ${whole(events)} events | ratio`).join(' | ')} |`,
    `|---|${reads.map(() => '--:|--:|--:|').join('')}`,
    ...(reads[0]?.rows ?? []).map(
      ({ route }, place) => `| \`${route}\` | ${reads.map(({ rows }) => toRead(rows[place])).join(' | ')} |`,
    ),
  ]
  return lines.join('\n')
}

function toPairs(rows, what, sign, isKept) {
  if (!rows.length) return []
  const ratios = rows.map(({ ratio }) => ratio.toFixed(2)).join(' and ')
  return [`| ${what} | ${ratios} | ${sign} ${rows[0].goal} | ${say(rows.every(({ ratio }) => isKept(ratio)))} |`]
}

function toRead({ smallMs, filledMs, ratio, statuses, goal }) {
  const said =
    ratio === null ? `answers ${statuses.join(' and ')}` : `${ratio.toFixed(2)}${ratio > goal ? ', **missed**' : ''}`
  return `${smallMs.toFixed(2)} ms | ${filledMs.toFixed(2)} ms | ${said}`
}

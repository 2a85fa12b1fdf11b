// Writes the figures to `docs/speed.json`, and their tables between the marks in `docs/size-and-speed.md`.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const figuresFile = 'docs/speed.json'
const pageFile = 'docs/size-and-speed.md'

/** What the table of each part compares Sojourn with. */
const besides = { start: 'plain outbox', leftovers: 'plain outbox', large: '100 owed' }

/** Writes the parts that were measured, and keeps the published figures of the others. */
export function publish(measured) {
  const known = existsSync(figuresFile) ? JSON.parse(readFileSync(figuresFile, 'utf8')) : {}
  const text = JSON.stringify({ ...known, ...measured }, toRounded, 2)
  writeFileSync(figuresFile, `${text}\n`)
  writeFileSync(pageFile, putTables(readFileSync(pageFile, 'utf8'), JSON.parse(text)))
}

function toRounded(_key, value) {
  return typeof value === 'number' ? Number(value.toFixed(3)) : value
}

/** Puts the tables of these figures into the page, each between `<!-- bench: <part> -->` and `<!-- end -->`. */
export function putTables(page, figures) {
  return page.replace(/(<!-- bench: (\w+) -->\n)[^]*?(<!-- end -->)/g, (_all, from, part, to) => {
    const table = figures[part] ? `\n${toTable(part, figures[part])}\n\n` : ''
    return from + table + to
  })
}

/** Makes the table of one part, as Markdown. */
export function toTable(part, figures) {
  return (part === 'sizes' ? toSizes(figures) : toTimes(part, figures)).join('\n')
}

function toSizes({ builds, rooms }) {
  const toVerdict = ({ bytes, maxBytes, goalBytes }) =>
    bytes > maxBytes ? '**MISSED**' : bytes > goalBytes ? 'ok, goal missed' : 'ok'
  return [
    '| build | brotli, B | budget, B | goal, B | |',
    '|---|---:|---:|---:|---|',
    ...builds.map(
      build =>
        `| ${build.what} | ${build.bytes} | ${build.maxBytes} | ${build.goalBytes ?? ''} | ${toVerdict(build)} |`,
    ),
    '',
    '| part of the module | brotli, B |',
    '|---|---:|',
    ...rooms.map(({ part, bytes }) => `| ${part} | ${bytes} |`),
  ]
}

function toTimes(part, { about, rows }) {
  const { date, chromium, cpus, throttle, times } = about
  return [
    `${date}, Chromium ${chromium}, CPU ${throttle}x slower, ${cpus} cores, ${times}.`,
    '',
    `| what | unit | Sojourn | ${besides[part]} | ratio | at most | |`,
    '|---|---|---:|---:|---:|---:|---|',
    ...rows.map(toLine),
  ]
}

function toLine({ what, unit, ours, beside, ratio, limit, isAbsolute, isMet }) {
  const bound = limit === null ? '' : isAbsolute ? `${limit} ${unit}` : `ratio ${limit.toFixed(1)}`
  const verdict = isMet === null ? '' : isMet ? 'ok' : '**MISSED**'
  const quotient = ratio === null ? '' : ratio.toFixed(2)
  return `| ${what} | ${unit} | ${toText(ours)} | ${toText(beside)} | ${quotient} | ${bound} | ${verdict} |`
}

function toText(value) {
  if (value === null) return ''
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : value.toFixed(0)
}

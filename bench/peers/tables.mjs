// Writes what was measured as tables of Markdown.

/** Puts the tables of these results into a page, each between `<!-- peers: <table> -->` and `<!-- end -->`. */
export function putTables(page, results) {
  return page.replace(/(<!-- peers: (\w+) -->\n)[^]*?(<!-- end -->)/g, (_all, from, table, to) => {
    return `${from}\n${tables[table](results).join('\n')}\n\n${to}`
  })
}

/** All tables, for the console. */
export function toTables(results) {
  return ['speed', 'loss', 'faults'].map(table => tables[table](results).join('\n')).join('\n\n')
}

const tables = {
  excerpt: toExcerpt,
  speed: toSpeed,
  loss: toLoss,
  faults: toFaults,
  settings: toSettings,
  about: toAbout,
}

/** The mean share of events that were lost, or kept more than once, over the cases of a group or of all. */
export function toShare({ faults }, name, what, group) {
  const chosen = faults.filter(one => !group || one.group === group)
  const shares = chosen.map(({ outcomes }) => outcomes[name][what] / outcomes[name].made)
  return shares.length ? shares.reduce((sum, one) => sum + one, 0) / shares.length : null
}

function toAbout({ about }) {
  const { date, chromium, cores, rounds, cpuSlowdown, loads } = about
  return [
    `${date}, Chromium ${chromium}, ${cores} cores. Times are medians of ${rounds} rounds in turns, with a CPU ${cpuSlowdown}x slower. The load average was ${loads[0]} before the times, ${loads[1]} after them and ${loads[2]} after the faults. ${toCaution(Math.max(...loads), cores)}`.trim(),
  ]
}

function toCaution(load, cores) {
  if (load <= cores) return ''
  return '**The machine was busy with other work**: read CPU times and ratios, because what is measured by the clock (start, a call) contains the waiting. Where the browser is killed after a time, a tracker that needs much CPU loses more than on a free machine.'
}

function toExcerpt(results) {
  return [
    '| | size, KiB | CPU of the start, ms | CPU of 200 calls, ms | bytes an event | lost | twice |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...results.trackers.map(({ name, title, brotli }) => {
      const { startCpuMs, burstCpuMs, bytesPerEvent } = results.speed[name]
      const [lost, doubled] = ['lost', 'doubled'].map(what => toPercent(toShare(results, name, what)))
      return `| ${toTitle(name, title)} | ${toKiB(brotli)} | ${toFigure(startCpuMs)} | ${toFigure(burstCpuMs)} | ${toFigure(bytesPerEvent)} | ${lost} | ${doubled} |`
    }),
  ]
}

function toSpeed({ trackers, speed }) {
  const ours = trackers.find(({ name }) => name === 'sojourn')
  return [
    '| tracker | size, KiB of brotli | start, ms | CPU of the start, ms | a call, µs | CPU of 200 calls, ms | bytes an event | requests for 100 events | not arrived |',
    '|---|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...trackers.flatMap(({ name, title, brotli }) => {
      const measured = speed[name]
      if (!measured) return []
      const cell = figure => `${toFigure(measured[figure])}${toRatio(measured[`${figure}Ratio`], name)}`
      const cells = ['startMs', 'startCpuMs', 'callUs', 'burstCpuMs', 'bytesPerEvent', 'requestsPer100'].map(cell)
      const size = `${toKiB(brotli)}${ours ? toRatio(brotli / ours.brotli, name) : ''}`
      return `| ${toTitle(name, title)} | ${size} | ${cells.join(' | ')} | ${measured.missing} |`
    }),
  ]
}

function toLoss(results) {
  const groups = [...new Set(results.faults.map(({ group }) => group))]
  return [
    `| tracker | lost, mean of all cases | ${groups.map(group => group.slice(2)).join(' | ')} | kept twice | worst case |`,
    `|---|---:|${groups.map(() => '---:|').join('')}---:|---|`,
    ...results.trackers.map(({ name, title }) => {
      const shares = [undefined, ...groups].map(group => toPercent(toShare(results, name, 'lost', group)))
      const worst = results.faults.toSorted((a, b) => toLost(b, name) - toLost(a, name))[0]
      const said = worst && toLost(worst, name) ? `${worst.name}: ${toPercent(toLost(worst, name))}` : ''
      return `| ${toTitle(name, title)} | ${shares.join(' | ')} | ${toPercent(toShare(results, name, 'doubled'))} | ${said} |`
    }),
  ]
}

const toLost = ({ outcomes }, name) => outcomes[name].lost / outcomes[name].made

function toFaults({ trackers, faults }) {
  return [
    `| case | events | ${trackers.map(({ title }) => title).join(' | ')} |`,
    `|---|---:|${trackers.map(() => '---:|').join('')}`,
    ...faults.flatMap(({ group, name, made, outcomes }, n) => {
      const cells = trackers.map(tracker => {
        const { lost, doubled, note } = outcomes[tracker.name]
        return `${lost}${doubled ? ` (+${doubled})` : ''}${note ? `, ${note}` : ''}`
      })
      const head = faults[n - 1]?.group === group ? [] : [`| **${group}** | |${trackers.map(() => ' |').join('')}`]
      return [...head, `| ${name} | ${made} | ${cells.join(' | ')} |`]
    }),
  ]
}

function toSettings({ trackers }) {
  return [
    '| tracker | package | settings | source |',
    '|---|---|---|---|',
    ...trackers.map(
      ({ title, package: id, version, settings, source }) =>
        `| ${title} | ${id ?? 'sojourn'} ${version} | ${settings} | [documentation](${source}) |`,
    ),
  ]
}

const toTitle = (name, title) => (name === 'sojourn' ? `**${title}**` : title)
const toKiB = bytes => (bytes / 1024).toFixed(1)
const toRatio = (ratio, name) => (name === 'sojourn' || !Number.isFinite(ratio) ? '' : ` (${toFigure(ratio)}x)`)

/** A number with two or three digits that matter. */
function toFigure(value) {
  if (value >= 100) return String(Math.round(value))
  return value < 10 ? value.toFixed(1) : value.toFixed(0)
}

/** A share as per cent. What is more than nothing is never written as 0. */
export function toPercent(share) {
  if (share === null) return ''
  if (share > 0 && share < 0.001) return '< 0.1 %'
  return share === 0 || share === 1 ? `${share * 100} %` : `${(share * 100).toFixed(1)} %`
}

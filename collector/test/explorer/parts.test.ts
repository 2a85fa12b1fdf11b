import { afterEach, describe, expect, it } from 'vitest'
import { toMarked, toSplits, toTop } from '../../explorer/src/charts/draw.js'
import { nameEnding, toEnding } from '../../explorer/src/endings.js'
import {
  formatChange,
  formatShare,
  hasToday,
  mostDays,
  periodBefore,
  readPeriod,
} from '../../explorer/src/numbers/period.js'
import { nameBrowser } from '../../explorer/src/parts/browser.js'
import { cut, toShortAddress, toVisible } from '../../explorer/src/parts/text.js'
import {
  formatAxisDay,
  formatDay,
  formatDuration,
  formatRecent,
  formatSpan,
  formatTime,
  formatZone,
} from '../../explorer/src/parts/time.js'
import { describeFilter, readPosition, toFirst, toNext, toPrevious } from '../../explorer/src/sessions/filters.js'
import { toCsvLine } from '../../explorer/src/sessions/written.js'

describe('a text', () => {
  it('shows what would be invisible, or would turn what stands beside it', () => {
    expect(toVisible('a\u0000b\u001bc\u007f')).toBe('a␀b␛c␡')
    expect(toVisible('\u202Etxt.exe\u2066\u200b\ufeff\u0085')).toBe('[U+202E]txt.exe[U+2066][U+200B][U+FEFF][U+0085]')
    expect(toVisible('\n\r\t')).toBe('␣␣␣')
    expect(toVisible('a\nb')).toBe('a␊b')
    expect(toVisible('  ')).toBe('␣␣')
    expect(toVisible('half \ud83d pair')).toBe('half � pair')
  })

  it('leaves other writing as it is', () => {
    for (const text of ['שלום', '日本語', '👩‍👩‍👧', 'é', '']) expect(toVisible(text)).toBe(text)
  })

  it('is cut without half of a pair', () => {
    expect(cut('a💥b', 2)).toBe('a')
    expect(cut('a💥b', 3)).toBe('a💥')
  })

  it('of an address is short without its origin, and another text is whole', () => {
    expect(toShortAddress('https://shop.example/cart?x#y')).toBe('/cart?x#y')
    expect(toShortAddress('https://shop.example')).toBe('https://shop.example')
    expect(toShortAddress('javascript:alert(1)//https://a/')).toBe('javascript:alert(1)//https://a/')
  })
})

describe('a browser', () => {
  const mozilla = 'Mozilla/5.0'
  it.each([
    [`${mozilla} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0`, 'Firefox 140, Linux'],
    [
      `${mozilla} (Windows NT 10.0; Win64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36`,
      'Chrome 139, Windows',
    ],
    [`${mozilla} (Windows NT 10.0) AppleWebKit/537.36 Chrome/139.0.0.0 Safari/537.36 Edg/139.0.1`, 'Edge 139, Windows'],
    [
      `${mozilla} (Linux; Android 10; K) AppleWebKit/537.36 Chrome/139.0.0.0 Mobile Safari/537.36`,
      'Chrome 139, Android',
    ],
    [
      `${mozilla} (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605 Version/18.5 Mobile/15E148 Safari/604.1`,
      'Safari 18, iOS',
    ],
    [
      `${mozilla} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15`,
      'Safari 18, macOS',
    ],
    [
      `${mozilla} (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/139.0.0.0 Safari/537.36`,
      'Headless Chrome 139, Linux',
    ],
  ])('is named in few words: %s', (userAgent, name) => {
    expect(nameBrowser(userAgent)).toBe(name)
  })

  it('that is not known is its whole text', () => {
    for (const text of ['', '<script>', 'curl/8.1', `Chrome/${'9'.repeat(9000)}`]) expect(nameBrowser(text)).toBe(text)
  })
})

describe('a time zone', () => {
  const zone = process.env['TZ']
  afterEach(() => {
    process.env['TZ'] = zone ?? ''
    if (zone === undefined) delete process.env['TZ']
  })

  it.each([
    ['UTC', 'UTC'],
    ['Asia/Seoul', 'UTC+9'],
    ['America/St_Johns', 'UTC−3:30'],
    ['Asia/Kathmandu', 'UTC+5:45'],
  ])('is what it differs from UTC: %s', (name, text) => {
    process.env['TZ'] = name
    expect(formatZone(Date.UTC(2026, 10, 27))).toBe(text)
  })
})

describe('an ending', () => {
  it('is its word, or the reason of the page, whatever name that has', () => {
    expect([toEnding(0, null), toEnding(1, 'limit'), toEnding(1, '')]).toEqual(['open', 'too long', 'not told'])
    for (const reason of ['constructor', '__proto__', 'toString', 'logged-off']) {
      expect([toEnding(1, reason), nameEnding(reason)]).toEqual([reason, reason])
      expect(describeFilter('endReason', reason)).toBe(reason)
    }
  })
})

describe('a filter', () => {
  it('is not described as what it is not', () => {
    expect([describeFilter('open', 'false'), describeFilter('open', 'maybe')]).toEqual(['ended', 'open maybe'])
    expect(describeFilter('automated', 'constructor')).toBe('automated constructor')
  })
})

describe('a time', () => {
  it('is written from the greatest to the least, in every year that has four digits', () => {
    expect(formatTime(Date.UTC(2026, 10, 6, 8, 5, 9)).slice(0, 8)).toBe('2026-11-')
    expect(formatDay(Date.UTC(2026, 0, 2))).toBe('2026-01-02')
  })

  it('is the number itself beyond what dates can say', () => {
    for (const at of [8.64e15 + 1, Number.MAX_SAFE_INTEGER, -8.64e15, Number.NaN, Date.UTC(10_000, 1)]) {
      expect(formatTime(at)).toBe(`${at} ms`)
      expect(formatDay(at)).toBe(`${at} ms`)
    }
  })

  it('of what is recent is the time of day, with the day if that is another one', () => {
    const now = new Date(2026, 10, 27, 12).getTime()
    expect(formatRecent(new Date(2026, 10, 27, 0, 0, 1).getTime(), now)).toBe('00:00:01')
    expect(formatRecent(new Date(2026, 10, 26, 23, 59, 59).getTime(), now)).toBe('11-26 23:59')
    expect(formatRecent(new Date(2025, 10, 27, 12).getTime(), now)).toBe('2025-11-27')
    expect(formatRecent(Number.MAX_SAFE_INTEGER, now)).toBe(`${Number.MAX_SAFE_INTEGER} ms`)
  })

  it('as a duration has its two greatest units', () => {
    const written = [0, 59, 60, 3599, 3600, 86_399, 86_400, 9e12].map(formatDuration)
    expect(written).toEqual([
      '0 s',
      '59 s',
      '1 min 00 s',
      '59 min 59 s',
      '1 h 00 min',
      '23 h 59 min',
      '1 d 0 h',
      '104,166,666 d 16 h',
    ])
    expect(formatDuration(-61)).toBe('−1 min 01 s')
    expect([85, 1400, 12_000].map(formatSpan)).toEqual(['85 ms', '1.4 s', '12 s'])
  })
})

describe('a chart', () => {
  it('ends at a round number that is not below the greatest value', () => {
    for (const value of [0, 1, 2, 7, 11, 99, 100, 101, 1234, 9_999_999]) {
      const top = toTop(value)
      expect(top).toBeGreaterThanOrEqual(Math.max(1, value))
      expect(top).toBeLessThanOrEqual(Math.max(1, value * 2))
    }
    expect(toTop(Number.NaN)).toBe(1)
  })

  it('has marks from zero to its end, in equal whole steps, and not more than there is room for', () => {
    for (const value of [1, 3, 12, 70, 140, 2500, 61_000])
      for (const most of [1, 3, 5]) {
        const top = toTop(value)
        const marks = toSplits(top, most)
        expect([marks[0], marks.at(-1)]).toEqual([0, top])
        expect(marks.length).toBeLessThanOrEqual(most + 1)
        expect(new Set(marks.slice(1).map((mark, n) => mark - (marks[n] ?? 0))).size).toBe(1)
        expect(marks.every(Number.isInteger)).toBe(true)
      }
  })
})

describe('the x axis of a chart', () => {
  const xLabels = Array.from({ length: 60 }, (_, n) => String(n))

  it('has its last place, and places at equal distances before it', () => {
    expect(toMarked({ xLabels }, 10)).toEqual([5, 11, 17, 23, 29, 35, 41, 47, 53, 59])
    expect(toMarked({ xLabels: xLabels.slice(0, 1) }, 1)).toEqual([0])
  })

  it('of minutes has round minutes of the hour', () => {
    const minutes = (xFirst: number, most: number) =>
      toMarked({ xLabels, xFirst }, most).map(place => (xFirst + place) % 60)
    expect(minutes(7, 16)).toEqual([10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 0, 5])
    expect(minutes(0, 3)).toEqual([0, 20, 40])
    expect(minutes(59, 1)).toEqual([0])
  })

  it('names a day, or its month where years are across', () => {
    expect([formatAxisDay(Date.UTC(2026, 8, 28)), formatAxisDay(Date.UTC(2026, 8, 28), true)]).toEqual([
      '28 Sep',
      'Sep 2026',
    ])
  })
})

describe('a period', () => {
  const now = Date.UTC(2026, 10, 26, 18)
  const read = (query: string) => readPeriod(new URLSearchParams(query), now)

  it('is 30 days up to today, or what the address says', () => {
    expect(read('')).toEqual({ period: { since: '2026-10-28', until: '2026-11-26', days: 30 }, preset: 30 })
    expect(read('days=1').period).toEqual({ since: '2026-11-26', until: '2026-11-26', days: 1 })
    expect(read('since=2026-02-27&until=2026-03-01')).toEqual({
      period: { since: '2026-02-27', until: '2026-03-01', days: 3 },
      preset: 0,
    })
  })

  it('has the last days of a time that is longer than what the collector counts', () => {
    const { since, until, days } = read('since=1970-01-01&until=2026-03-01').period
    expect([until, days]).toEqual(['2026-03-01', mostDays])
    expect((Date.parse(until) - Date.parse(since)) / 86_400_000).toBe(mostDays - 1)
  })

  it('is turned around if it ends before it begins, and nonsense is left out', () => {
    expect(read('since=2026-03-01&until=2026-02-27').period).toMatchObject({ since: '2026-02-27', until: '2026-03-01' })
    expect(read('since=2026-13-45&days=1e9&until=%00').period).toEqual(read('').period)
    expect(read('since=1960-01-01').period).toEqual(read('').period)
  })

  it('has a period before it of the same length, that touches it', () => {
    expect(periodBefore(read('since=2026-03-01&until=2026-03-31').period)).toEqual({
      since: '2026-01-29',
      until: '2026-02-28',
      days: 31,
    })
  })

  it.each([
    ['', true],
    ['days=1', true],
    ['since=2026-11-01&until=2026-11-25', false],
    ['since=2026-11-26&until=2030-01-01', true],
    ['since=2026-11-27&until=2030-01-01', false],
  ])('has today among its days or not: %s', (query, has) => {
    expect(hasToday(read(query).period, now)).toBe(has)
  })

  it('says changes and shares in words that are not false at their ends', () => {
    expect([formatChange(0, 0), formatChange(3, 0), formatChange(0, 3), formatChange(3, 2)]).toEqual([
      '',
      'none before',
      '−100 %',
      '+50 %',
    ])
    expect([formatShare(0, 0), formatShare(1, 300), formatShare(1, 2)]).toEqual(['–', '0.3 %', '50 %'])
  })
})

describe('the place in a list', () => {
  it('goes on and back by the cursors of the address, and to the first page from everywhere', () => {
    const second = toNext(readPosition(new URLSearchParams()), 'a')
    expect(second).toEqual({ after: ['a'], page: 2 })
    expect(toPrevious({ trail: ['a'], page: 2 })).toBe(toFirst)
    expect(toPrevious({ trail: ['a', 'b'], page: 3 })).toEqual({ after: ['a'], page: 2 })
  })

  it('keeps a bounded number of cursors, and says so by having no page before', () => {
    let position = readPosition(new URLSearchParams())
    for (let n = 0; n < 30; n++) {
      const { after, page } = toNext(position, `cursor-${n}`) as { after: string[]; page: number }
      position = { trail: after, page }
    }
    expect(position.page).toBe(31)
    expect(position.trail).toHaveLength(10)
    expect(toPrevious({ trail: position.trail.slice(0, 1), page: 22 })).toBeNull()
  })
})

describe('a session in a file', () => {
  const session = {
    sessionID: 's',
    visitID: 'v',
    identityId: 'ada',
    startDate: Date.UTC(2026, 0, 1),
    endDate: 0,
    lastActivity: 9e15,
    duration: -5,
    endReason: '',
    pages: 1,
    events: 0,
    complete: true,
    automated: false,
    entry: 'https://a/',
    exit: '',
    open: true,
  }

  it('has times in both forms, and none where dates cannot say it', () => {
    expect(toCsvLine(session)).toBe(
      's,v,ada,1767225600000,2026-01-01T00:00:00.000Z,0,,9000000000000000,,-5,true,,1,0,true,false,https://a/,\r\n',
    )
  })

  it('has an empty cell for the end of a session that is open', () => {
    expect(toCsvLine({ ...session, endReason: null })).toBe(toCsvLine(session))
  })

  it('has no cell that a spreadsheet would run, and loses no character', () => {
    const cell = (identityId: string): string | undefined =>
      toCsvLine({ ...session, identityId, visitID: '' }).split(',')[2]
    for (const text of ['=1', '+1', '-1', '@a', ' =1', '\u0000=1', '＝1', '\t1']) expect(cell(text)).toBe(`'${text}`)
    expect(cell('a=1')).toBe('a=1')
    expect(toCsvLine({ ...session, identityId: 'a,"b"\r\nc' })).toContain(',"a,""b""\r\nc",')
  })
})

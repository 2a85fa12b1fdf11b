// Who visits the shop: invented people, their browsers, and where they come from.
import { createChance } from '../chance.mjs'

const first =
  'Ada Amina Bela Carlos Chika Daan Elif Emeka Fatima Femke Grete Hana Idris Ines Jonas Kai Lena Liv Mateo Mei Nadia Noor Olu Pia Rafael Robin Sana Tomas Uma Wen Yara Zofia'.split(
    ' ',
  )
const last =
  'Abe Berg Costa Dahl Eze Fischer Garcia Hale Ito Jansen Kowal Lindqvist Moreau Novak Okafor Park Quist Rossi Silva Tanaka Usman Vogel Weber Yilmaz'.split(
    ' ',
  )

const chromeOn = (system, version) =>
  `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`
const browsers = [
  [chromeOn('Windows NT 10.0; Win64; x64', 155), 34],
  [chromeOn('Macintosh; Intel Mac OS X 10_15_7', 155), 14],
  [chromeOn('Linux; Android 10; K', 155).replace(' Safari', ' Mobile Safari'), 18],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1',
    16,
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15',
    7,
  ],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:147.0) Gecko/20100101 Firefox/147.0', 6],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0', 3],
]
const robot = chromeOn('X11; Linux x86_64', 155).replace('Chrome', 'HeadlessChrome')
const languages = [
  ['en-GB', 30],
  ['en-US', 22],
  ['de-DE', 14],
  ['fr-FR', 9],
  ['nl-NL', 8],
  ['pt-BR', 7],
  ['pl-PL', 5],
  ['ko-KR', 5],
]
/** Where a visit comes from; empty if the address was typed. */
export const referrers = [
  ['', 34],
  ['https://www.google.com/', 27],
  ['https://duckduckgo.com/', 6],
  ['https://www.bing.com/', 5],
  ['https://tea-notes.example/best-smoked-teas', 9],
  ['https://paper-forum.example/thread/notebooks-that-lie-flat', 7],
  ['https://social.example/@harbourlane', 8],
  ['https://mail.example/newsletter/november', 4],
]

const people = 420
const strangers = 1600

/** Somebody with an account. A few come often, and many once. */
export function somebody(chance, seed) {
  const number = Math.floor(people * chance.next() ** 2.2)
  const own = createChance(seed, 'person', number)
  const [given, family] = [first[number % first.length], last[Math.floor(number / first.length) % last.length]]
  const twin = number >= first.length * last.length ? String(number) : ''
  return {
    ...browserOf(own),
    name: `${given} ${family}`,
    identityId: `${given}.${family}${twin}@example.com`.toLowerCase(),
    location: own.pick(['Lisbon', 'Hamburg', 'Seoul', 'Gdynia', 'Recife', 'Cork', 'Rotterdam', 'Nantes']),
  }
}

/** Somebody of whom only the browser is known. */
export function anybody(chance, seed) {
  return browserOf(createChance(seed, 'stranger', Math.floor(strangers * chance.next() ** 1.6)))
}

/** A program that reads the shop. */
export function program(seed, number) {
  return { ...browserOf(createChance(seed, 'program', number)), userAgent: robot, automated: true }
}

function browserOf(own) {
  return {
    globalVisitID: own.id(1_767_225_600_000 + own.between(0, 10 ** 9)),
    userAgent: own.choose(browsers),
    languageCode: own.choose(languages),
  }
}

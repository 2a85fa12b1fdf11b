import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toReferrer, toTitle, toUrl } from '../../src/record/address.js'
import { cut } from '../../src/record/check.js'
import { maxTextLength } from '../../src/record/limits.js'

const shop = 'https://shop.example'

describe('the address of a page', () => {
  it.each([
    ['a plain address', `${shop}/list?page=2&sort=price`, `${shop}/list?page=2&sort=price`],
    ['a login code', `${shop}/?code=a1b2&lang=de`, `${shop}/?code=…&lang=de`],
    ['a token', `${shop}/?token=a1`, `${shop}/?token=…`],
    ['a link that resets a password', `${shop}/?reset=a1`, `${shop}/?reset=…`],
    ['a name in camel case', `${shop}/?resetToken=a1`, `${shop}/?resetToken=…`],
    ['a signed address', `${shop}/f?X-Amz-Signature=a1&X-Amz-Date=5`, `${shop}/f?X-Amz-Signature=…&X-Amz-Date=5`],
    ['any case', `${shop}/?SAMLResponse=a1&ACCESS_TOKEN=b2`, `${shop}/?SAMLResponse=…&ACCESS_TOKEN=…`],
    ['an encoded name', `${shop}/?user%5Bpassword%5D=a1`, `${shop}/?user%5Bpassword%5D=…`],
    ['base64', `${shop}/?sig=ab/c+d==&x=1`, `${shop}/?sig=…&x=1`],
    ['a session in the path', `${shop}/list;jsessionid=a1?page=2`, `${shop}/list;jsessionid=…?page=2`],
    ['an e-mail address under any name', `${shop}/?u=ada%40shop.example`, `${shop}/?u=…`],
    ['a token in JSON under any name', `${shop}/?t=eyJhbGciOi.eyJz.x`, `${shop}/?t=…`],
    [
      'a name that only looks like it',
      `${shop}/?author=ada&keyword=a&zipcode=1`,
      `${shop}/?author=ada&keyword=a&zipcode=1`,
    ],
    ['an anchor', `${shop}/list#top`, `${shop}/list`],
    ['a login answer in the fragment', `${shop}/#access_token=a1&state=b`, `${shop}/`],
    ['a route', `${shop}/#/list?page=2`, `${shop}/#/list?page=2`],
    ['a secret in a route', `${shop}/?a=1#/reset?token=a1&b=2`, `${shop}/?a=1#/reset?token=…&b=2`],
    ['a login answer as a route', `${shop}/#/access_token=a1&b=2`, `${shop}/#/access_token=…&b=2`],
    ['a route with an exclamation mark', `${shop}/#!token=a1`, `${shop}/#!token=…`],
    ['user and password', 'https://ada:pw@shop.example/a@b', 'https://shop.example/a@b'],
    [
      'an address to return to',
      `${shop}/?to=%2Fcb%3Fcode%3Da1%26a%3D2`,
      `${shop}/?to=${encodeURIComponent('/cb?code=…&a=2')}`,
    ],
    [
      'one in one in one',
      `${shop}/?a=${encodeURIComponent(`/?b=${encodeURIComponent('/?token=a1')}`)}`,
      `${shop}/?a=${encodeURIComponent(`/?b=${encodeURIComponent('/?token=…')}`)}`,
    ],
    ['a raw address to return to', `${shop}/?to=/cb?token=a1&a=2`, `${shop}/?to=/cb?token=…&a=2`],
    ['an encoded value without a secret', `${shop}/?q=50%25%20a%3Db`, `${shop}/?q=50%25%20a%3Db`],
    ['a broken encoding', `${shop}/?q=%E0%A4%A&token=a1`, `${shop}/?q=%E0%A4%A&token=…`],
    ['a broken encoding with a secret', `${shop}/?to=%zz%3Fcode%3Da1`, `${shop}/?to=%25zz%3Fcode%3D%E2%80%A6`],
    ['a broken character before a secret', `${shop}/?to=%E0%3Fcode%3Da1`, `${shop}/?to=%C3%A0%3Fcode%3D%E2%80%A6`],
    [
      'an address that is encoded twice',
      `${shop}/?return=https%253A%252F%252Fb%252F%253Fcode%253Dabc`,
      `${shop}/?return=${encodeURIComponent(encodeURIComponent('https://b/?code=…'))}`,
    ],
    ['an e-mail address that is encoded twice', `${shop}/?u=ada%2540shop.example`, `${shop}/?u=…`],
    [
      'an address that is encoded three times',
      `${shop}/?r=${encodeURIComponent(encodeURIComponent(encodeURIComponent('/?token=a1')))}`,
      `${shop}/?r=${encodeURIComponent(encodeURIComponent(encodeURIComponent('/?token=…')))}`,
    ],
    ['names with encoded letters', `${shop}/?%74oken=a1&c%6fde=b2`, `${shop}/?%74oken=…&c%6fde=…`],
    ['a question mark in a secret', `${shop}/?token=ab?cd&x=1#/?code=ab?cd`, `${shop}/?token=…&x=1#/?code=…`],
    ['parameters between semicolons', `${shop}/?a=1;token=ab?cd;b=2`, `${shop}/?a=1;token=…;b=2`],
    ['JSON', `${shop}/?data={"token":"abc"}&b=2`, `${shop}/?data=…&b=2`],
    ['encoded JSON', `${shop}/?data=${encodeURIComponent('{"a":{"code" : 1}}')}`, `${shop}/?data=…`],
    ['JSON in JSON', `${shop}/?data=${encodeURIComponent(JSON.stringify({ a: '{"code":1}' }))}`, `${shop}/?data=…`],
    ['JSON without a secret', `${shop}/?data={"zipcode":"code"}`, `${shop}/?data={"zipcode":"code"}`],
    ['more addresses within addresses than anybody reads', `${shop}/?a=?b=?c=?d=?e=?token=a1`, `${shop}/?a=?b=?c=?d=…`],
    ['half a surrogate pair', `${shop}/?to=\ud800%3Fcode%3Da1`, `${shop}/?to=…`],
    ['a parameter without a value', `${shop}/?token&code=`, `${shop}/?token&code=`],
    ['an empty page', 'about:blank', 'about:blank'],
    ['a data address', 'data:text/html,<h1>secret</h1>', 'data:'],
    ['a blob', `blob:${shop}/a1`, 'blob:'],
    ['a file', 'file:///home/index.html?token=a1#top', 'file:///home/index.html?token=…'],
    ['a relative address', '/list?token=a1', '/list?token=…'],
    ['nothing', '', ''],
  ])('is recorded without its secrets: %s', (_what, url, recorded) => {
    expect(toUrl(url)).toBe(recorded)
  })

  it('keeps no secret, wherever it stands and whatever it holds', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9_.~%/+-]{8,40}$/).map(text => `S3CR3T${text}`)
    const name = fc.constantFrom(
      'code',
      'token',
      'id_token',
      'apiKey',
      'api-key',
      'sid',
      'PHPSESSID',
      'password',
      'otp',
    )
    const before = fc.constantFrom(
      '/?',
      '/?a=1&',
      '/p;',
      '/?a=%zz&',
      '/#/route?',
      '/#!/route?a=1&',
      '/?r=/x?a=1&',
      '/#',
    )
    fc.assert(
      fc.property(before, name, secret, (start, param, value) => {
        expect(toUrl(`${shop}${start}${param}=${value}&b=2`)).not.toContain('S3CR3T')
        const within = encodeURIComponent(`https://id.example/?${param}=${value}`)
        expect(toUrl(`${shop}/?to=${within}`)).not.toContain('S3CR3T')
      }),
    )
  })

  it('is a text of bounded length, made twice the same, whatever it was', () => {
    const odd = fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl({ withQueryParameters: true, withFragments: true }))
    fc.assert(
      fc.property(odd, url => {
        const once = toUrl(url)
        expect(once.length).toBeLessThanOrEqual(maxTextLength)
        expect(toUrl(once)).toBe(once)
      }),
    )
    for (const long of [
      '?a=%25'.repeat(50_000),
      `data:${'x'.repeat(5e6)}`,
      `/?${'a@b'.repeat(50_000)}`,
      '%25'.repeat(1e5),
    ]) {
      // A pattern that goes back and forth in it would take longer than the test may.
      expect(toUrl(`${shop}/?q=${long}`).length).toBeLessThanOrEqual(maxTextLength)
    }
  })

  it('is not cut inside of a surrogate pair', () => {
    const most = 'x'.repeat(maxTextLength - 1)
    expect([toUrl(`${most}🛒`), toTitle(`${most}🛒`), cut(`${most}🛒`)]).toEqual([most, most, most])
  })
})

describe('the referrer', () => {
  it.each([
    ['another site', 'https://search.example/find?q=shoes#top', 'https://search.example/find'],
    ['another site that begins alike', `${shop}.evil/x?q=1`, `${shop}.evil/x`],
    ['another site with a route', 'https://mail.example/#/inbox', 'https://mail.example/'],
    ['another site with a password', 'https://a:b@mail.example/x', 'https://mail.example/x'],
    ['an app', 'android-app://com.example/path?q=1', 'android-app://com.example/path'],
    ['the own site', `${shop}/list?page=2&token=a1#top`, `${shop}/list?page=2&token=…`],
    ['an own route', `${shop}/#/list?page=2`, `${shop}/#/list?page=2`],
    ['an own relative address', '/list?page=2&token=a1', '/list?page=2&token=…'],
    ['none', '', ''],
  ])('of %s is recorded as far as it is ours to know', (_what, referrer, recorded) => {
    expect(toReferrer(referrer, shop)).toBe(recorded)
  })
})

describe('a title', () => {
  it.each([
    ['Cart (2) | A shop', 'Cart (2) | A shop'],
    [`${shop}/?token=a1&b=2`, `${shop}/?token=…&b=2`],
    ['Welcome token=a1', 'Welcome token=…'],
    ['Search q=shoes – code=a1', 'Search q=shoes – code=…'],
    ['Rabatt code=SUMMER für alle', 'Rabatt code=… für alle'],
    ['Shop (token=a1), "code=b2" and more', 'Shop (token=…), "code=…" and more'],
    ['From https://ada:pw@x to //a and ftp://b@c/d', 'From https://x to //a and ftp://c/d'],
    ['Mail to ada@x, see https://x', 'Mail to ada@x, see https://x'],
  ])('is recorded without secrets: %s', (title, recorded) => {
    expect(toTitle(title)).toBe(recorded)
  })
})

describe('the published list of parameters', () => {
  const guide = readFileSync('docs/guide/consent-and-privacy.md', 'utf8')
  const [, contains = '', ends = '', is = '', words = ''] =
    /- contains (.*?)\n- ends with (.*?)\n- is (.*?)\n- has (.*?) at its start/s.exec(guide) ?? []
  const namesIn = (text: string): string[] =>
    [...text.replace(/\(.*?\)/g, '').matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name)
  const isSecret = (name: string): boolean => toUrl(`/?${name}=a1`) === `/?${name}=…`

  it('says what is replaced', () => {
    expect([contains, ends, is, words].map(text => namesIn(text).length)).toEqual([20, 2, 7, 4])
    for (const name of namesIn(contains))
      for (const one of [name, `my${name}`, `${name}x`]) expect([one, isSecret(one)]).toEqual([one, true])
    for (const name of namesIn(ends)) expect([name, isSecret(name), isSecret(`my${name}`)]).toEqual([name, true, true])
    for (const name of namesIn(is)) expect([name, isSecret(name), isSecret(`zip${name}`)]).toEqual([name, true, false])
    for (const name of namesIn(words))
      expect([name, isSecret(name), isSecret(`my_${name}`)]).toEqual([name, true, true])
  })

  it('says what is not replaced', () => {
    for (const name of [
      'author',
      'authors',
      'keyword',
      'zipcode',
      'inside',
      'page',
      'q',
      'state',
      'design',
      'pinned',
      'passengers',
      'passive',
    ])
      expect([name, isSecret(name)]).toEqual([name, false])
  })
})

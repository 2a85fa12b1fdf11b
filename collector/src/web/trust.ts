import { BlockList, isIP } from 'node:net'

/**
 * Parses whose forwarded addresses count: addresses, ranges such as `10.0.0.0/8`, and the word `loopback`.
 *
 * @returns a function that tells whether the address of a connection is that of a trusted proxy.
 * @throws TypeError if a text is none of these. The message says how to write it.
 */
export function parseTrust(texts: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const text of texts.flatMap(one => (one === 'loopback' ? ['127.0.0.0/8', '::1'] : [one]))) {
    const [address = '', bits, ...more] = text.split('/')
    const version = isIP(address)
    const max = version === 6 ? 128 : 32
    const isRange = bits !== undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= max
    if (!version || more.length || (bits !== undefined && !isRange))
      throw new TypeError(`${text}: write it as an address (10.0.0.7), a range (10.0.0.0/8), or loopback`)
    const family = version === 6 ? 'ipv6' : 'ipv4'
    if (isRange) list.addSubnet(address, Number(bits), family)
    else list.addAddress(address, family)
  }
  return address => {
    const version = isIP(address)
    return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }
}

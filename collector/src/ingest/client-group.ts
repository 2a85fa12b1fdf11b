import { BlockList, isIP } from 'node:net'

const near = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  near.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  near.addSubnet(net, bits, 'ipv6')

/**
 * The client whose share and quota a request uses: an IPv4 address, or the /64 network of an IPv6 address, because one
 * subscriber has a whole such network.
 *
 * @param address of the client; empty if it is not known.
 * @returns `null` if it is not known, or not of the public internet. Such an address is that of this machine, of a proxy,
 *   or of the bridge of a container. All visitors may share it, so it says nothing about one of them.
 */
export function toClientGroup(address: string): string | null {
  if (address === '127.0.0.1' || address === '::1') return null
  const version = isIP(address)
  if (!version || near.check(address, version === 4 ? 'ipv4' : 'ipv6')) return null
  return version === 4 ? address : toNetwork(address)
}

function toNetwork(address: string): string {
  const [head = '', tail] = address.split('::')
  const first = head ? head.split(':') : []
  const last = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length
  const groups = [...first, ...Array<string>(Math.max(zeros, 0)).fill('0'), ...last]
  return `${groups
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

// Writes an animated PNG from screenshots. All frames share one palette, because that takes a third of the bytes.
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])

/**
 * Reads a PNG as browsers write screenshots: 8 bits, RGB or RGBA, not interlaced.
 *
 * @returns its size, and one number `0xRRGGBB` for each pixel.
 */
export function readPng(file) {
  const parts = []
  let width = 0
  let height = 0
  let size = 0
  for (let at = signature.length; at < file.length; ) {
    const length = file.readUInt32BE(at)
    const type = file.toString('latin1', at + 4, at + 8)
    const data = file.subarray(at + 8, at + 8 + length)
    if (type === 'IHDR') {
      ;[width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)]
      size = { 2: 3, 6: 4 }[data[9]] ?? 0
      if (data[8] !== 8 || !size || data[12]) throw new Error('This is no PNG that a browser writes as a screenshot.')
    }
    if (type === 'IDAT') parts.push(data)
    at += length + 12
  }
  const rows = unfilter(inflateSync(Buffer.concat(parts)), width * size, height, size)
  const pixels = new Uint32Array(width * height)
  for (let n = 0; n < pixels.length; n++)
    pixels[n] = (rows[n * size] << 16) | (rows[n * size + 1] << 8) | rows[n * size + 2]
  return { width, height, pixels }
}

/** Undoes the filters of the rows, see chapter 9 of the PNG specification. */
function unfilter(data, stride, height, size) {
  const rows = new Uint8Array(stride * height)
  for (let y = 0; y < height; y++) {
    const filter = data[y * (stride + 1)]
    for (let x = 0; x < stride; x++) {
      const left = x < size ? 0 : rows[y * stride + x - size]
      const up = y ? rows[(y - 1) * stride + x] : 0
      const corner = y && x >= size ? rows[(y - 1) * stride + x - size] : 0
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]
      rows[y * stride + x] = data[y * (stride + 1) + 1 + x] + guess
    }
  }
  return rows
}

function paeth(left, up, corner) {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

/** Colors of the palette. A screen of text and flat areas needs no more. */
const mostColors = 80

/** The commonest colors, and a map from each color to the nearest of them. */
function makePalette(frames) {
  const counts = new Map()
  for (const { pixels } of frames) for (const color of pixels) counts.set(color, (counts.get(color) ?? 0) + 1)
  const palette = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, mostColors)
    .map(([color]) => color)
  const nearest = new Map()
  for (const color of counts.keys()) {
    let best = 0
    for (let n = 1; n < palette.length; n++) if (distance(palette[n], color) < distance(palette[best], color)) best = n
    nearest.set(color, best)
  }
  return { palette, nearest }
}

function distance(a, b) {
  const [red, green, blue] = [(a >> 16) - (b >> 16), ((a >> 8) & 255) - ((b >> 8) & 255), (a & 255) - (b & 255)]
  return red * red + green * green + blue * blue
}

/**
 * Makes an animated PNG that begins again without an end. Of each frame only the part is written that differs from the
 * one before.
 *
 * @param shots screenshots of one size, each with the time for which it is shown: `{ file, ms }`.
 */
export function makeApng(shots) {
  const frames = shots.map(({ file, ms }) => ({ ...readPng(file), ms }))
  const { palette, nearest } = makePalette(frames)
  const [{ width, height }] = frames
  const drawn = frames.map(({ pixels }) => Uint8Array.from(pixels, color => nearest.get(color)))
  const chunks = [makeChunk('IHDR', Buffer.from([...int(width), ...int(height), 8, 3, 0, 0, 0]))]
  chunks.push(makeChunk('acTL', Buffer.from([...int(frames.length), ...int(0)])))
  chunks.push(makeChunk('PLTE', Buffer.from(palette.flatMap(color => [color >> 16, (color >> 8) & 255, color & 255]))))
  let serial = 0
  for (const [n, image] of drawn.entries()) {
    const box = n ? findChange(drawn[n - 1], image, width) : { left: 0, top: 0, right: width, bottom: height }
    const size = [box.right - box.left, box.bottom - box.top, box.left, box.top]
    const delay = [frames[n].ms >> 8, frames[n].ms & 255, 1000 >> 8, 1000 & 255]
    chunks.push(makeChunk('fcTL', Buffer.from([...int(serial++), ...size.flatMap(int), ...delay, 0, 0])))
    const data = deflateSync(cutRows(image, width, box), { level: 9 })
    chunks.push(n ? makeChunk('fdAT', Buffer.concat([Buffer.from(int(serial++)), data])) : makeChunk('IDAT', data))
  }
  return Buffer.concat([signature, ...chunks, makeChunk('IEND', Buffer.alloc(0))])
}

/** The smallest box around all that differs; one pixel if nothing does. */
function findChange(before, after, width) {
  const box = { left: width, top: Number.MAX_SAFE_INTEGER, right: 0, bottom: 0 }
  for (let n = 0; n < after.length; n++) {
    if (before[n] === after[n]) continue
    const [x, y] = [n % width, Math.floor(n / width)]
    box.left = Math.min(box.left, x)
    box.top = Math.min(box.top, y)
    box.right = Math.max(box.right, x + 1)
    box.bottom = Math.max(box.bottom, y + 1)
  }
  return box.right ? box : { left: 0, top: 0, right: 1, bottom: 1 }
}

/** The rows of a box, each after a byte that says that it is not filtered. */
function cutRows(image, width, { left, top, right, bottom }) {
  const rows = []
  for (let y = top; y < bottom; y++) rows.push(Buffer.from([0]), image.subarray(y * width + left, y * width + right))
  return Buffer.concat(rows)
}

function makeChunk(type, data) {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  return Buffer.concat([Buffer.from(int(data.length)), named, Buffer.from(int(crc32(named)))])
}

function int(value) {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
}

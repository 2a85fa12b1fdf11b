import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** The media types of the files that the collector serves to people, by the end of their name. */
const mediaTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=UTF-8',
  js: 'text/javascript; charset=UTF-8',
  css: 'text/css; charset=UTF-8',
  json: 'application/json; charset=UTF-8',
  svg: 'image/svg+xml; charset=UTF-8',
  png: 'image/png',
}

/** The media type of a file, by its name. `undefined`: it is none of those that are served. */
function mediaTypeOf(name: string): string | undefined {
  const end = name.slice(name.lastIndexOf('.') + 1)
  return Object.hasOwn(mediaTypes, end) ? mediaTypes[end] : undefined
}

/** Files that the collector serves to people, by name. The build puts the brotli form of a large text beside it, as `name.br`. */
export type ServedFiles = ReadonlyMap<string, string | Uint8Array<ArrayBuffer>>

/** The file that says that a folder was built. */
export const firstPage = 'index.html'

/** Reads the files in a folder and those below. Returns `null` if it has no first page, because it was not built. */
export function openServedFiles(folder: URL): ServedFiles | null {
  try {
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(path => path.replaceAll('\\', '/'))
    const files = new Map(
      paths.flatMap(path => {
        const file = new URL(encodeURI(path), folder)
        const isServed = mediaTypeOf(path.replace(/\.br$/, '')) !== undefined && statSync(file).isFile()
        return isServed ? [[path, Uint8Array.from(readFileSync(file))] as const] : []
      }),
    )
    return files.has(firstPage) ? files : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Makes the handler of each file that {@link createPackedHandler} serves, by name. */
export function createPackedHandlers(
  files: ServedFiles,
  more: (name: string) => Readonly<Record<string, string>>,
): ReadonlyMap<string, (request: Request) => Promise<Response>> {
  const names = [...files].filter(([name]) => mediaTypeOf(name) !== undefined)
  return new Map(
    names.map(([name, body]) => [name, createPackedHandler(name, body, more(name), files.get(`${name}.br`))]),
  )
}

/**
 * Makes the handler that serves a file to pages of the collector, compressed as the request allows. Each form is made once, when it is
 * first needed. Pictures are compressed already.
 *
 * @param name of the file. Its end says the media type.
 * @param more further headers.
 * @param brotli its brotli form, if the build has made it.
 */
export function createPackedHandler(
  name: string,
  body: string | Uint8Array<ArrayBuffer>,
  more: Readonly<Record<string, string>>,
  brotli?: string | Uint8Array<ArrayBuffer>,
): (request: Request) => Promise<Response> {
  const etag = createHash('sha256').update(body).digest('base64url').slice(0, 22)
  const forms = new Map<string, Promise<string | Uint8Array<ArrayBuffer>>>()
  if (brotli) forms.set('br', Promise.resolve(brotli))
  const type = mediaTypeOf(name) ?? 'application/octet-stream'
  const headers = {
    'Content-Type': type,
    Vary: 'Accept-Encoding',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...more,
  }
  return async request => {
    const accepted = request.headers.get('Accept-Encoding') ?? ''
    const encoding = type.includes('charset') ? encodings.find(one => accepts(accepted, one)) : undefined
    const tag = `"${etag}${encoding ? `-${encoding}` : ''}"`
    const all = { ...headers, ETag: tag, ...(encoding && { 'Content-Encoding': encoding }) }
    if (request.headers.get('If-None-Match')?.includes(tag)) return new Response(null, { status: 304, headers: all })
    if (!encoding) return new Response(body, { headers: all })
    const form = forms.get(encoding) ?? compressors[encoding](body)
    forms.set(encoding, form)
    return new Response(await form, { headers: all })
  }
}

const encodings = ['br', 'gzip'] as const

const toBrotli = promisify(brotliCompress)
// The best quality makes a page 8 % smaller, and takes 25 times as long. Who waits for it is the first reader. The build has compressed
// the large texts with the best.
const params = { [constants.BROTLI_PARAM_QUALITY]: 6 }
const toGzip = promisify(gzip)
const compressors = {
  br: async (body: string | Uint8Array) => Uint8Array.from(await toBrotli(body, { params })),
  gzip: async (body: string | Uint8Array) => Uint8Array.from(await toGzip(body, { level: 9 })),
}

/** Whether a header allows an encoding: it names it, and not with `q=0`. */
function accepts(header: string, encoding: string): boolean {
  return header.split(',').some(one => {
    const [name = '', ...parameters] = one.split(';').map(part => part.trim().toLowerCase())
    return name === encoding && !parameters.some(part => /^q=0(\.0*)?$/.test(part))
  })
}

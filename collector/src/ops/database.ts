/** A database as `--db` names it. */
export interface Database {
  readonly isPostgres: boolean
  /** The database without its password, for people. Parts that could be a mistyped password are left out too. */
  readonly name: string
  /** What PostgreSQL's own programs take as `--dbname`; they ask for the password. Empty for a file. */
  readonly dbname: string
  /** What no text for people may contain. */
  readonly secrets: readonly string[]
}

const example = 'postgres://user:password@host:5432/database'
const encoding = 'in the password, write @ as %40, / as %2F, ? as %3F, # as %23 and % as %25'

/** User, password, hosts, path and query. A sign that ends a part may stand in it in its encoded form only. */
const parts = /^postgres(?:ql)?:\/\/(?:([^\s:@/?#]*)(?::([^\s@/?#]*))?@)?([^\s@/?#]*)(\/[^\s@?#]*)?(?:\?([^\s@?#]*))?$/
/** A name, an address, or the encoded folder of a socket. */
const hostWithPort = /^(?:[\w.-]+|\[[\da-f:.%]+\]|%2F[\w.%-]+)(?::\d{1,5})?$/i

/**
 * Reads what `--db` names: a file of SQLite, or the URL of a PostgreSQL database, which may have several hosts.
 *
 * @throws TypeError if it is neither. The message says how to write it, and contains nothing that could be a password.
 */
export function parseDatabase(text: string): Database {
  if (!text || text === ':memory:') throw new TypeError('name a file, such as ./sojourn.db')
  return isPostgres(text) ? parseUrl(text) : parseFile(text)
}

/** Whether a text is meant as the URL of a PostgreSQL database, and not as a file. */
export function isPostgres(db: string): boolean {
  return /^postgres(ql)?:\/\//.test(db)
}

function parseUrl(url: string): Database {
  const [, user, password, hosts, path = '', query = ''] = parts.exec(url) ?? []
  const isEncoded = !/%(?![\da-f]{2})/i.test(url)
  if (hosts === '' && isEncoded) throw new TypeError(`name the host too: ${example}`)
  if (hosts === undefined || !isEncoded || !hosts.split(',').every(host => hostWithPort.test(host)))
    throw new TypeError(`write it as ${example}; ${encoding}`)
  const given = new URLSearchParams(query)
  const secrets = [password, ...['password', 'sslpassword'].flatMap(name => given.getAll(name))]
  // Without a user, `host:port` may be a user and a password whose host was forgotten.
  const ports = user === undefined ? [...hosts.matchAll(/:\d+(?=,|$)/g)].map(([port]) => port) : []
  const shown = ports.reduce((text, port) => text.replaceAll(port, ''), hosts)
  const name = `postgres://${user ? `${user}@` : ''}${shown}${path}`
  const dbname = ports.length ? '"$SOJOURN_DB"' : name
  return { isPostgres: true, name, dbname, secrets: [...secrets.flatMap(one => one || []), ...ports] }
}

function parseFile(path: string): Database {
  const scheme = /^(\w{2,}):\/\//.exec(path)?.[1]
  if (scheme) throw new TypeError(`${scheme}://…: name a file, or ${example}`)
  const isPath = /^\.{0,2}\/(?!\/)/.test(path)
  // It may be a URL whose beginning is mistyped, so the text is not repeated.
  if (!isPath && /@|\s|["'=]|^\/\/|^\w{2,}:|^:/.test(path))
    throw new TypeError(`write a file as ./sojourn.db, and a database as ${example}`)
  const name = path.includes('@') && path.includes(':') ? 'a file' : path
  return { isPostgres: false, name, dbname: '', secrets: [] }
}

import { readFileSync } from 'node:fs'

/** Returns a text without the secrets that it was made for. */
export type HideSecrets = (text: string) => string

/** Shorter secrets are not looked for, because they stand in ordinary words. No message is made with them. */
const minSecretLength = 4

/**
 * Makes the function that takes secrets out of texts for people. It also takes out the password of any URL, because a
 * driver may name a URL that nobody has given as a secret.
 *
 * @param secrets such as a read token or a password. Their percent-encoded and decoded forms are hidden too.
 */
export function createHider(secrets: readonly string[]): HideSecrets {
  const forms = secrets.flatMap(secret => [secret, decode(secret), encodeURIComponent(decode(secret))])
  const longestFirst = [...new Set(forms)]
    .filter(({ length }) => length >= minSecretLength)
    .toSorted((a, b) => b.length - a.length)
  return text =>
    longestFirst
      .reduce((shown, secret) => shown.replaceAll(secret, '…'), text)
      .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s'":@]*):[^\s'"]*@/gi, '$1@')
}

/**
 * Reads a secret from a file, such as one that a container gets. Line breaks at the end do not count.
 *
 * @throws TypeError if the file cannot be read, is empty, or has more than one line. The message never contains the
 *   content.
 */
export function readSecretFile(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8').replace(/[\r\n]+$/, '')
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new TypeError(`the file cannot be read (${code})`, { cause: error })
  }
  if (!text || /[\r\n\0]/.test(text)) throw new TypeError('the file must contain one line')
  return text
}

/** The text with its percent signs decoded; the text itself if they are malformed. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // The secret contains a percent sign that encodes nothing.
    return text
  }
}

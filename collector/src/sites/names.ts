/** The site of a collector that was told of no other: the flags `--key` and `--origin` belong to it. */
export const defaultSite = 'default'

/** Whether a text can be a write key: 1 to 100 characters that need no encoding in a URL. */
export function isKeyText(key: string): boolean {
  return /^[\w.-]{1,100}$/.test(key)
}

/**
 * Whether a text can be the name of a site: 1 to 64 small letters, digits, dots, hyphens and underscores, of which the
 * first is a letter or digit. So it stands in a path without encoding, and is never `.` or `..`.
 */
export function isSiteName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)
}

/** Whether a text can be the name of a token: 1 to 64 visible characters without quotes, and spaces between them. */
export function isTokenName(name: string): boolean {
  return /^[^\s\p{C}"']+( [^\s\p{C}"']+)*$/u.test(name) && name.length <= 64
}

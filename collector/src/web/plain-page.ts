import { createHash } from 'node:crypto'

/**
 * The headers of a page that loads nothing, runs nothing and sends nothing, and that no other page may frame.
 *
 * @param style the text of its only style, which is allowed by its hash.
 */
export function toPlainPageHeaders(style: string): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': [
      "default-src 'none'",
      `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'Referrer-Policy': 'no-referrer',
  }
}

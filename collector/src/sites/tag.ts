/**
 * The tag that loads the browser library in a page.
 *
 * @param url the address of the collector, without a slash at its end.
 */
export function toTag(url: string, key: string): string {
  return `<script async src="${escape(url)}/sojourn.js" data-key="${escape(key)}"></script>`
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`)
}

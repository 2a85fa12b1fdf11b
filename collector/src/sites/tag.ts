/** The file that a tag loads. */
export interface TagFile {
  /** Its name at the collector. */
  readonly file: string
  /** The attribute `integrity`; `null`: the tag takes the file as it is. */
  readonly integrity: string | null
}

const plain: TagFile = { file: 'sojourn.js', integrity: null }

/**
 * The tag that loads the browser library in a page.
 *
 * @param url the address of the collector, without a slash at its end.
 * @param plugins what the file has and the tag starts.
 */
export function toTag(
  url: string,
  key: string,
  plugins: readonly string[] = [],
  { file, integrity }: TagFile = plain,
): string {
  const attributes = [
    ['src', `${url}/${file}`],
    ...(integrity === null ? [] : [['integrity', integrity]]),
    ...(integrity === null ? [] : [['crossorigin', 'anonymous']]),
    ['data-key', key],
    ...(plugins.length ? [['data-plugins', plugins.join()]] : []),
  ]
  return `<script async ${attributes.map(([name, value = '']) => `${name}="${escape(value)}"`).join(' ')}></script>`
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`)
}

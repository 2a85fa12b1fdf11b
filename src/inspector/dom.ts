/** What an element is made with. `on…` are listeners, everything else is an attribute; false leaves it out. */
type Props = Readonly<Record<string, string | boolean | ((event: Event) => void)>>

/** Makes an element. Texts become text nodes, so that nothing of a record is read as HTML. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  props: Props = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  for (const key of Object.keys(props)) {
    const value = props[key]
    if (typeof value === 'function') element.addEventListener(key.slice(2), value)
    else if (value !== false) element.setAttribute(key, value === true ? '' : (value as string))
  }
  element.append(...children)
  return element
}

/** Sets a text, if it is another one: a screen reader says again what is set again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

const maxShown = 200

/** Cuts a text that somebody else has written, and shows what has no form of its own as a symbol. */
export function toShown(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what it looks for
  const plain = plainOf(text, maxShown).replace(/[\0-\x1f]/g, one => String.fromCharCode(0x2400 + one.charCodeAt(0)))
  return text.length > maxShown ? `${plain}…` : plain
}

/** Cuts a text of several lines, and never inside of a surrogate pair. Marks of direction would turn what stands beside them, so they are shown as a symbol. */
export function plainOf(text: string, maxLength: number): string {
  const part = text.slice(0, maxLength).replace(/\p{Surrogate}$/u, '')
  return part.replace(/[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
}

/** A time of the day. A time outside of what a clock shows is the number. */
export function toTime(at: number): string {
  const date = new Date(at)
  if (isNaN(date.getTime())) return `${at}`
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(one => `${one}`.padStart(2, '0')).join(':')
}

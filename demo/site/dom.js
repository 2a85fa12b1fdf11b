export const find = id => document.getElementById(id)

/** Makes an element with properties and children. Strings become text, never HTML. */
export function make(tag, properties = {}, ...children) {
  const { testid, ...rest } = properties
  const element = Object.assign(document.createElement(tag), rest)
  if (testid) element.dataset.testid = testid
  element.append(...children)
  return element
}

/** Sets a text only if it has changed, so that nothing flickers and no screen reader repeats it. */
export function say(element, text) {
  if (element.textContent !== String(text)) element.textContent = text
}

export const find = id => document.getElementById(id)

/** An element with properties and children; texts are texts, never HTML. */
export function make(tag, properties = {}, ...children) {
  const { testid, ...rest } = properties
  const element = Object.assign(document.createElement(tag), rest)
  if (testid) element.dataset.testid = testid
  element.append(...children)
  return element
}

/** Sets a text only if it is another: nothing flickers, and nothing is read out twice. */
export function say(element, text) {
  if (element.textContent !== String(text)) element.textContent = text
}

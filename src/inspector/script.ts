import { defineInspector } from './inspector.js'
import { elementName, isShortcut } from './names.js'

/** The tag of this script. */
const tag = document.currentScript as HTMLScriptElement | null

/** Opens the inspector of the tracker whose key the tag has, unless one is open. */
function open(): void {
  if (document.querySelector(elementName)) return
  const element = document.createElement(elementName)
  const key = tag && tag.dataset.key
  if (key) element.setAttribute('key', key)
  document.documentElement.append(element)
}

defineInspector()
open()
// An inspector that was closed comes back.
window.addEventListener('keydown', event => isShortcut(event) && open())

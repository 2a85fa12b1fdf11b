import { type DwellOptions, dwell as plugin } from '../plugins/dwell.js'
import { type TagPlugin, toWords } from './attributes.js'

/** The plugin `dwell` in a script tag: `data-dwell-seconds="30,300" data-dwell-still-seconds="120"`. */
export const dwell: TagPlugin = function (tracker, { dwellSeconds, dwellStillSeconds }) {
  const seconds = toWords(dwellSeconds)
  const options: DwellOptions = {
    ...(seconds && { seconds: seconds.map(Number) }),
    ...(dwellStillSeconds && { stillSeconds: Number(dwellStillSeconds) }),
  }
  return plugin(tracker, options)
}

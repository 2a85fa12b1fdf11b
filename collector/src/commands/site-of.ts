import { OptionError } from '../options.js'
import type { AdminState } from '../sites/admin.js'
import { defaultSite } from '../sites/names.js'

/**
 * The site that a command works on: the one that `--site` names, or the only one.
 *
 * @throws OptionError if there is no such site, or if there are several and none is named.
 */
export function toSite({ sites }: AdminState, named: string | undefined): string {
  const names = sites.map(({ name }) => name)
  if (named !== undefined) {
    if (named !== defaultSite && !names.includes(named))
      throw new OptionError(`--site: there is no site ${named}; sojourn-collector site list shows all`)
    return named
  }
  if (names.length > 1) throw new OptionError(`name the site with --site; it is one of: ${names.join(', ')}`)
  return names[0] ?? defaultSite
}

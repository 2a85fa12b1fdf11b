/** The id of the visitor that the subdomains of a site share. */
export interface Visitor {
  /**
   * Gives the shared id. If there is none yet, the own one becomes it. It is kept for 400 days from now on, which is the longest that
   * browsers allow. Where cookies are denied, the own id is given.
   */
  share(own: string): string
  /** Deletes it. */
  drop(): void
}

/**
 * Makes a visitor whose id stands in a cookie of the domain. It is the only cookie that is ever set.
 *
 * @param domain empty: nothing is shared, and no cookie is read or written.
 */
export function createVisitor(name: string, domain: string): Visitor {
  function write(id: string, seconds: number): void {
    const isSecure = location.protocol === 'https:'
    document.cookie = `${name}=${id};domain=${domain};path=/;max-age=${seconds};samesite=lax${isSecure ? ';secure' : ''}`
  }

  return {
    share(own) {
      let id = own
      try {
        if (!domain) return own
        for (const one of document.cookie.split('; ')) {
          const [first, value = ''] = one.split('=')
          // Any script of any subdomain may have written it.
          if (first === name && /^[\w-]{9,99}$/.test(value)) id = value
        }
        write(id, 34_560_000)
      } catch {
        // A sandboxed frame has no cookies. Then this origin has a visitor of its own.
      }
      return id
    },
    drop() {
      try {
        if (domain) write('', 0)
      } catch {
        // Where there are no cookies there is nothing to delete.
      }
    },
  }
}

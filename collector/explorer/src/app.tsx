import type { JSX } from 'preact'
import { useEffect, useErrorBoundary, useReducer, useRef } from 'preact/hooks'
import { AskError, toSitePath } from './api.js'
import { Layout, useTitle } from './layout.js'
import { IdentityPage } from './pages/identity.js'
import { NowPage } from './pages/now.js'
import { NumbersPage } from './pages/numbers.js'
import { SessionPage } from './pages/session.js'
import { SessionsPage } from './pages/sessions.js'
import { SetupPage } from './pages/setup.js'
import { VisitPage } from './pages/visit.js'
import { Empty } from './parts/empty.js'
import { ErrorNote } from './parts/error.js'
import { Loading } from './parts/loading.js'
import { Text } from './parts/text.js'
import type { SetupReply, TokenReply } from './replies.js'
import { goTo, Link, toAddress, usePlace } from './route.js'
import { isTokenRefused, onToken } from './token.js'
import { TokenEntry } from './token-entry.js'
import { useAsk } from './use-ask.js'

/** The explorer: asks for a token if the collector wants one, and shows the page of the address. */
export function App(): JSX.Element {
  const [, redraw] = useReducer((turn: number) => turn + 1, 0)
  useEffect(() => onToken(() => redraw(undefined)), [])
  const asked = useAsk<TokenReply>('v1/token')
  const wasLocked = useRef(false)
  if (isTokenRefused()) {
    wasLocked.current = true
    return <TokenEntry />
  }
  if (!asked.data)
    return (
      <main id="main">
        {asked.error ? (
          <ErrorNote error={asked.error} again={asked.again} />
        ) : (
          <Loading what="the explorer" lines={4} />
        )}
      </main>
    )
  return (
    <Layout token={asked.data} hasFocus={wasLocked.current}>
      <Page token={asked.data} />
    </Layout>
  )
}

function Page({ token }: { readonly token: TokenReply }): JSX.Element {
  const { site, page, id } = usePlace()
  // oxlint-disable-next-line no-console -- who reports the defect finds its place there
  const [failure, forget] = useErrorBoundary(error => console.error(error))
  useEffect(forget, [site, page, id])
  if (failure)
    return (
      <ErrorNote
        error={new AskError(0, 'unexpected', `This page has a defect. Please report it: ${String(failure)}`)}
        again={forget}
      />
    )
  const isKnown = token.sites.some(one => one.site === site)
  if (!site) return <Sites token={token} />
  if (!isKnown)
    return (
      <NotHere title="No such site">
        There is no site with the name <Text value={site} />, or your token does not cover it.{' '}
        <Link to={toAddress('')}>See all sites that you may read</Link>
      </NotHere>
    )
  // A page is made anew for another site or resource, so nothing of the one before is seen in it.
  const key = `${site} ${id}`
  if (page === 'now' || page === '') return <NowPage key={key} site={site} />
  if (page === 'sessions' && id) return <SessionPage key={key} site={site} sessionID={id} />
  if (page === 'sessions') return <SessionsPage key={key} site={site} />
  if (page === 'visits' && id) return <VisitPage key={key} site={site} visitID={id} />
  if (page === 'identities' && id) return <IdentityPage key={key} site={site} identityId={id} rights={token.rights} />
  if (page === 'numbers') return <NumbersPage key={key} site={site} />
  if (page === 'setup') return <SetupPage key={key} site={site} />
  return (
    <NotHere title="No such page">
      The explorer has no page at this address. <Link to={toAddress(site, 'now')}>See what happens now</Link>.
    </NotHere>
  )
}

function NotHere({
  title,
  children,
}: {
  readonly title: string
  readonly children: preact.ComponentChildren
}): JSX.Element {
  useTitle(title)
  return (
    <>
      <h1>{title}</h1>
      <p>{children}</p>
    </>
  )
}

/** The sites of the token. If there is one, its page is opened at once: how to begin, until something is stored. */
function Sites({ token: { sites } }: { readonly token: TokenReply }): JSX.Element {
  useTitle('Sites')
  const only = sites.length === 1 ? sites[0]?.site : undefined
  const { data, error } = useAsk<SetupReply>(only === undefined ? null : toSitePath(only, ['setup']))
  useEffect(() => {
    if (only !== undefined && (data || error)) goTo(toAddress(only, data && !data.first ? 'setup' : 'now'), true)
  }, [only, data, error])
  if (only !== undefined) return <></>
  return (
    <>
      <h1>Sites</h1>
      {sites.length === 0 && <Empty title="This token covers no site." />}
      <ul class="sites">
        {sites.map(({ site, origins }) => (
          <li key={site}>
            <Link to={toAddress(site, 'now')}>
              <b>
                <Text value={site} isPlain />
              </b>
              <span class="soft">
                <Text value={origins.join(', ')} empty="any page of this computer" isPlain />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  )
}

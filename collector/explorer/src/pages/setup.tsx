import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { toSitePath } from '../api.js'
import { base } from '../base.js'
import { useTitle } from '../layout.js'
import { TagForm, type Wanted } from '../now/tag-form.js'
import { Copy } from '../parts/copy.js'
import { DocLink, hasDocs } from '../parts/doc-link.js'
import { Answer } from '../parts/loading.js'
import { Text } from '../parts/text.js'
import { Time } from '../parts/time.js'
import type { SetupReply } from '../replies.js'
import { Link, toAddress } from '../route.js'
import { useAsk } from '../use-ask.js'

/** How often the page asks whether the first record has arrived, and how often after that. */
const waitingMs = 2000
const workingMs = 10_000

/** What a site needs to begin, and a light that says whether it works. */
export function SetupPage({ site }: { readonly site: string }): JSX.Element {
  useTitle('Set-up')
  const [wanted, setWanted] = useState<Wanted>({ plugins: [], isPinned: false })
  const { plugins, isPinned } = wanted
  const asked = useAsk<SetupReply>(
    toSitePath(site, ['setup'], {
      collector: location.origin + base,
      ...(plugins.length && { plugins: plugins.join() }),
      ...(isPinned && { pinned: 'true' }),
    }),
  )
  const isWorking = asked.data?.first != null
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState === 'visible') asked.again()
    }
    const timer = setInterval(look, isWorking ? workingMs : waitingMs)
    return () => clearInterval(timer)
  }, [isWorking])
  return (
    <>
      <h1>Set-up</h1>
      <Answer asked={asked} what="the set-up" lines={12}>
        {setup => (
          <>
            <Light {...setup} />
            <Steps {...setup} wanted={wanted} onChange={setWanted} />
          </>
        )}
      </Answer>
    </>
  )
}

function Light({ site, first, latest, refused }: SetupReply): JSX.Element {
  // What was refused before the latest record is over.
  const trouble = refused && (!latest || refused.at > latest.receivedAt) ? refused : null
  const state = first ? 'live' : trouble ? 'lost' : 'opening'
  return (
    <section class="panel setup-light" role="status">
      <span class={`light is-large is-${state}`} aria-hidden="true" />
      <div class="setup-words">
        {first ? (
          <>
            <h2>It works</h2>
            <p>
              The first record arrived <Time at={first.receivedAt} />
              {latest && latest.receivedAt !== first.receivedAt && (
                <>
                  , the latest <Time at={latest.receivedAt} />
                </>
              )}
              . <Link to={toAddress(site, 'now')}>See what happens now</Link>
            </p>
          </>
        ) : (
          <>
            <h2>{trouble ? 'Something was refused' : 'Waiting for the first record'}</h2>
            {!trouble && (
              <p>
                Open a page with the tag. This light turns green by itself.{' '}
                <DocLink page="isItWorking">What to look at if it does not</DocLink>
              </p>
            )}
          </>
        )}
        {trouble && (
          <p class="setup-trouble">
            <Time at={trouble.at} as="recent" /> <Text value={trouble.message} max={1000} />{' '}
            <DocLink page="codes">All reasons</DocLink>
          </p>
        )}
      </div>
    </section>
  )
}

interface StepsProps extends SetupReply {
  readonly wanted: Wanted
  readonly onChange: (wanted: Wanted) => void
}

function Steps({ site, tag, csp, origins, keys, plugins, wanted, onChange }: StepsProps): JSX.Element {
  return (
    <ol class="steps">
      <li class="panel">
        <h2>Paste this tag into each page</h2>
        {tag === null ? (
          <>
            <p>No key of this site works now. Make one where the collector runs, then come back:</p>
            <Copy text={`sojourn-collector site rotate-key ${site}`} what="the command" />
          </>
        ) : (
          <>
            <p class="soft">
              Before the end of <code>&lt;head&gt;</code>. The key is public: it only allows to add records.{' '}
              <DocLink page="tag">What the tag can do</DocLink>
            </p>
            {plugins.length > 0 && <TagForm {...wanted} known={plugins} onChange={onChange} />}
            <Copy text={tag} what="the tag" />
          </>
        )}
        {origins.length > 0 && (
          <p class="small soft">
            Pages of <Text value={origins.join(', ')} /> may use it.
          </p>
        )}
        {keys.length > 1 && (
          <p class="small soft">The site has {keys.length} keys that work. This is the one for new pages.</p>
        )}
      </li>
      <li class="panel">
        <h2>Allow it in your Content-Security-Policy</h2>
        <p class="soft">
          Only if your pages have one: add these sources to it. <DocLink page="policy">More on strict pages</DocLink>
        </p>
        <Copy text={csp.join('\n')} what="the lines" />
      </li>
      <li class="panel">
        <h2>Open a page and sign in</h2>
        <p>
          A page view is recorded at once. A session begins when the page calls{' '}
          <code>sojourn('signIn', 'user-42')</code>, and ends with <code>sojourn('signOut')</code>.{' '}
          <DocLink page="signIn">More calls, and their data</DocLink>
        </p>
        {hasDocs() && (
          <p class="small soft">
            Is it an application of React, Vue, Svelte or Next? <DocLink page="application">Use the module</DocLink> in
            the place of the tag.
          </p>
        )}
      </li>
    </ol>
  )
}

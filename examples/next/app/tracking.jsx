'use client'

import { useState } from 'react'
import { SojournProvider, useSession } from 'sojourn/react'

const options = { collector: 'http://127.0.0.1:4318', key: 'shop' }

/** Tracks everything below it. Who is signed in is a state of the application, here a button. */
export function Tracking({ children }) {
  const [user, setUser] = useState(null)
  return (
    <SojournProvider options={options} identity={user && user.id} info={user && { name: user.name }}>
      <p>
        <Greeting />{' '}
        {user ? (
          <button onClick={() => setUser(null)}>Sign out</button>
        ) : (
          <button onClick={() => setUser({ id: 'user-42', name: 'Ada' })}>Sign in as Ada</button>
        )}
      </p>
      {children}
    </SojournProvider>
  )
}

function Greeting() {
  const session = useSession()
  return session ? `You are ${session.identityId}.` : 'You are not signed in.'
}

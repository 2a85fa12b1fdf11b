import Link from 'next/link'
import { Tracking } from './tracking'

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <Tracking>
          <nav>
            <Link href="/">Lamps</Link> <Link href="/cart">Cart</Link>
          </nav>
          {children}
        </Tracking>
      </body>
    </html>
  )
}

import { AddButton } from './add-button'

export const metadata = { title: 'Lamps' }

export default function Lamps() {
  return (
    <main>
      <h1>Lamps</h1>
      <p>
        A desk lamp, 39.50 <AddButton sku="desk-lamp" price={39.5} />
      </p>
    </main>
  )
}

export const metadata = { title: 'Cart' }

export default function Cart() {
  return (
    <main>
      <h1>Cart</h1>
      <p>It is empty.</p>
    </main>
  )
}

import { useTrack } from 'sojourn/react'

export function AddButton({ sku }) {
  const track = useTrack()
  return (
    <button type="button" onClick={() => track('AddToCart', { sku })}>
      Add
    </button>
  )
}

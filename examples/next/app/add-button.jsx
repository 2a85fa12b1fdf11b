'use client'

import { useTrack } from 'sojourn/react'

export function AddButton({ sku, price }) {
  const track = useTrack()
  return <button onClick={() => track('AddToCart', { sku, price })}>Add to cart</button>
}

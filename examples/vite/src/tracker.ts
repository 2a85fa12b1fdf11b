import { createTracker } from 'sojourn'

/** The events of this application, and the data of each. A name or a property that is not here does not compile. */
export interface Events {
  AddToCart: { sku: string; price: number }
  Help: { topic: string }
}

export const tracker = createTracker<Events>({ collector: 'http://127.0.0.1:4318', key: 'shop' })

// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { SojournProvider } from 'sojourn/react'
import { createTestTracker, stopTestTrackers } from 'sojourn/testing'
import { afterEach, expect, test } from 'vitest'
import 'sojourn/testing/vitest'
import { AddButton } from './AddButton.jsx'

const options = { collector: 'https://collector.example', key: 'shop' }

afterEach(() => {
  cleanup()
  stopTestTrackers()
})

test('adding to the cart is tracked', () => {
  const { tracker } = createTestTracker({ key: 'shop' })
  render(
    <SojournProvider options={options} identity="ada">
      <AddButton sku="tea-100" />
    </SojournProvider>,
  )
  fireEvent.click(screen.getByRole('button'))
  expect(tracker).toHaveTracked('AddToCart', { sku: 'tea-100' })
  expect(tracker).toHaveSession({ identityId: 'ada' })
})

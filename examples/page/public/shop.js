function onClick(id, call) {
  document.getElementById(id).addEventListener('click', call)
}

// A real site calls this where it learns who has signed in, on each page.
onClick('sign-in', () => sojourn('signIn', 'user-42', { name: 'Ada' }))
onClick('sign-out', () => sojourn('signOut'))
onClick('add', () => sojourn('track', 'AddToCart', { sku: 'desk-lamp', price: 39.5 }))

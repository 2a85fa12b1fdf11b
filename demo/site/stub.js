// biome-ignore format: one line, as sites paste it
window.sojourn = window.sojourn || function () { (sojourn.q = sojourn.q || []).push(arguments) }

// biome-ignore format: the one line, as it is pasted
window.sojourn = window.sojourn || function () { (sojourn.q = sojourn.q || []).push(arguments) }

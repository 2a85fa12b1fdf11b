// biome-ignore format: one line, as sites paste it
if (typeof sojourn != 'function') window.sojourn = function () { (sojourn.q = sojourn.q || []).push(arguments) }

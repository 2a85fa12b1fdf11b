// Every script imports this first, because an old Node would fail later with a less clear message.
const major = Number(process.versions.node.split('.')[0])
if (major < 22) {
  console.error(
    `sojourn needs Node 22 or newer, and this is ${process.version}. "npm ci" installs a newer Node for scripts that are started with "npm run".`,
  )
  process.exit(1)
}

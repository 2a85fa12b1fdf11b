// The first thing of every script: an old Node fails later, and less clearly.
const major = Number(process.versions.node.split('.')[0])
if (major < 22) {
  console.error(
    `sojourn needs Node 22 or newer, and this is ${process.version}. "npm ci" installs one beside the tools: start scripts with "npm run".`,
  )
  process.exit(1)
}

// Makes the API reference from the docstrings: one page for each export of the package.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Application, ReflectionKind } from 'typedoc'
import { apiFolder, readExports, repository, root } from './places.mjs'

/**
 * Writes the pages below `build/docs-api`, as Markdown.
 *
 * @returns the text of each page by its path (`sojourn/plugins/clicks.md`).
 * @throws Error if a docstring links to something that does not exist.
 */
export async function makeApi() {
  const names = new Map(readExports().map(([name, file]) => [file, name]))
  rmSync(apiFolder, { recursive: true, force: true })
  const app = await Application.bootstrapWithPlugins({
    entryPoints: [...names.keys()].map(file => join(root, file)),
    tsconfig: join(root, 'docs/site/tsconfig.api.json'),
    // Without a place of its own, TypeDoc replaces `docs/`.
    outputs: [{ name: 'markdown', path: apiFolder }],
    basePath: root,
    displayBasePath: root,
    plugin: ['typedoc-plugin-markdown'],
    logLevel: 'Warn',
    readme: 'none',
    name: 'API',
    // Types that no export names stand where they are used.
    validation: { notExported: false, invalidLink: true, notDocumented: false },
    disableGit: true,
    gitRevision: 'main',
    sourceLinkTemplate: `${repository}/blob/main/{path}#L{line}`,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    sort: ['source-order'],
    // The order of the exports in package.json: what most people look for comes first.
    sortEntryPoints: false,
    groupOrder: ['Functions', 'Variables', 'Interfaces', 'Type Aliases', 'Classes', '*'],
    router: 'module',
    modulesFileName: 'index',
    entryFileName: 'index',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    expandObjects: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'list',
    typeDeclarationFormat: 'table',
  })
  app.converter.on('resolveBegin', ({ project }) => {
    for (const module of project.children ?? []) {
      const file = module.sources?.[0]?.fileName ?? ''
      module.name = names.get(file) ?? module.name
      for (const inner of module.children ?? [])
        if (inner.kindOf(ReflectionKind.Namespace)) inner.name = `${inner.name} of ${module.name}`
    }
  })
  // An export says where it is defined. Its members stand in the same place.
  app.converter.on('resolveEnd', ({ project }) => {
    for (const one of Object.values(project.reflections))
      if (!one.parent?.kindOf(ReflectionKind.SomeModule)) delete one.sources
  })
  const project = await app.convert()
  if (!project) throw new Error('TypeDoc could not read the types')
  // Before, TypeDoc warns of a `@param` that names a member of a rest parameter, as editors show it. From here, of links only.
  app.logger.resetWarnings()
  app.validate(project)
  await app.generateOutputs(project)
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('TypeDoc has warned of a link, see above')
  const files = readdirSync(apiFolder, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.md'))
  return new Map(files.map(path => [path.replaceAll('\\', '/'), readFileSync(join(apiFolder, path), 'utf8')]))
}

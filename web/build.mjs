// Builds the page into the Python package: one script, one style sheet, the document that names them, and the licences of
// what is in the bundle. Names carry a hash of their content, so a browser may keep them for good.
import { build } from 'esbuild'
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const out = join(here, '../src/offramp/app/page')

const made = await build({
  absWorkingDir: here,
  entryPoints: ['src/main.tsx'],
  outdir: out,
  entryNames: '[name]-[hash]',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  metafile: true,
  write: false,
})

await rm(out, { recursive: true, force: true }) // only now: a page that does not build leaves the last one in place
await mkdir(out, { recursive: true })
for (const file of made.outputFiles) await writeFile(file.path, file.contents)

const names = Object.keys(made.metafile.outputs).map((path) => basename(path))
const page = (await readFile(join(here, 'index.html'), 'utf8'))
  .replace('main.css', `page/${names.find((name) => name.endsWith('.css'))}`)
  .replace('main.js', `page/${names.find((name) => name.endsWith('.js'))}`)
await writeFile(join(out, 'index.html'), page)
const packages = await bundled(Object.keys(made.metafile.inputs))
await writeFile(join(out, 'licenses.txt'), packages.map(section).join('\n' + '-'.repeat(72) + '\n\n'))
const listed = packages.map(({ name, version, licence }) => ({ name, version, licence }))
await writeFile(join(out, 'packages.json'), JSON.stringify(listed, null, 2) + '\n')

/** The packages that are in the bundle, each with its version and its licence. */
async function bundled(inputs) {
  const folders = new Set()
  for (const input of inputs) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)
    if (found) folders.add(found[1])
  }
  const found = []
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(await readFile(join(here, folder, 'package.json'), 'utf8'))
    const file = (await readdir(join(here, folder))).find((entry) => /^licen[cs]e/i.test(entry))
    if (!file || !license) throw new Error(`${name} comes without a licence`)
    found.push({ name, version, licence: license, text: (await readFile(join(here, folder, file), 'utf8')).trim() })
  }
  return found
}

function section({ name, version, licence, text }) {
  return `${name} ${version} (${licence})\n\n${text}\n`
}

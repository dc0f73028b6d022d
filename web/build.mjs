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
await writeFile(join(out, 'licenses.txt'), await licences(Object.keys(made.metafile.inputs)))

/** The licence of every package that is in the bundle. */
async function licences(inputs) {
  const packages = new Set()
  for (const input of inputs) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)
    if (found) packages.add(found[1])
  }
  const texts = []
  for (const name of [...packages].sort()) {
    const folder = join(here, 'node_modules', name)
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry))
    if (!file) throw new Error(`${name} comes without a licence`)
    texts.push(`${name}\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`)
  }
  return texts.join('\n' + '-'.repeat(72) + '\n\n')
}

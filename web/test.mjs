// Runs the tests of the page's own logic, tests/*.test.ts, with Node's test runner.
import { build } from 'esbuild'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const out = await mkdtemp(join(here, 'node_modules', '.tests-'))
try {
  const names = (await readdir(join(here, 'tests'))).filter((name) => name.endsWith('.test.ts'))
  await build({
    absWorkingDir: here,
    entryPoints: names.map((name) => join('tests', name)),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    external: ['./untranslated.mjs'],
    platform: 'node',
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'warning',
  })
  const files = (await readdir(out)).filter((name) => name.endsWith('.mjs')).map((name) => join(out, name))
  let failed = false
  const tests = run({ files }).on('test:fail', () => (failed = true))
  await new Promise((done) => tests.compose(spec).on('end', done).pipe(process.stdout))
  process.exitCode = failed ? 1 : 0
} finally {
  await rm(out, { recursive: true, force: true })
}

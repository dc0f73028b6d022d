import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { everywhere, untranslatedIn } from '../untranslated.mjs'

const POLISH = {
  texts: {
    'After {event}: {changes}.': 'Po {event}: {changes}.',
    'Open {file} or {folder}.': '{folder}, {file}',
    '{count} draw': ['{count} ciąg', '{count} ciągi', '{count} ciągów'],
  },
  forms: Array.from({ length: 200 }, (_, n) =>
    n === 1 ? 0 : n % 10 >= 2 && n % 10 <= 4 && Math.floor(n / 10) % 10 !== 1 ? 1 : 2),
}
// the page's document, as the server gives it with a translation
const page = { getElementById: (id: string) => (id === 'catalogue' ? { textContent: JSON.stringify(POLISH) } : null) }
Object.assign(globalThis, { document: page })
const { tr, trn, woven } = await import('../src/texts')

test('a text is said in the language of the catalogue, with its values', () => {
  equal(tr('After {event}: {changes}.', { event: 'a strike', changes: '{event}' }), 'Po a strike: {event}.')
})

test('a text without a translation is English, and a name without a value stays', () => {
  equal(tr('Leave {file}, {other}.', { file: 'one.yaml' }), 'Leave one.yaml, {other}.')
  equal(trn('{count} run', '{count} runs', 1), '1 run')
  equal(trn('{count} run of {model}', '{count} runs of {model}', 2048, { model: 'one' }), '2,048 runs of one')
  equal(tr('constructor'), 'constructor')
})

test('a count has the plural form of the language', () => {
  const said = [0, 1, 3, 5, 12, 22, 112, 1002, 2048].map((count) => trn('{count} draw', '{count} draws', count))
  const forms = ['0 ciągów', '1 ciąg', '3 ciągi', '5 ciągów', '12 ciągów', '22 ciągi', '112 ciągów', '1,002 ciągi', '2,048 ciągów']
  deepEqual(said, forms)
})

test('a text may have elements in it, in the order of the language', () => {
  const element = { type: 'code' }
  deepEqual(woven<object | string>('Open {file} or {folder}.', { file: element, folder: 'cases' }), ['', 'cases', ', ', element, ''])
})

test('every text of the page goes through the catalogue', async () => {
  deepEqual(await everywhere(), [])
})

test('a text that does not go through the catalogue is found, and data, keys and styles are not taken for one', () => {
  const source = `
    type State = 'not begun' | 'going'
    const kept: State = 'not begun'
    const key = \`move:\${name}\`
    export const View = () => (
      <p class="big note" title="Runs" data-tour="all of it">
        {open ? 'Close' : tr('Open')} <code>offramp app</code> {tr('Draws')} of {count}
        <button style={{ color: 'var(--ink)' }} aria-label={\`Open \${name}\`}>{tr(name)}</button>
      </p>
    )
    say('The link is copied.')
    throw new Error('no token here')`
  deepEqual(untranslatedIn(source).map(([, text]: [number, string]) => text), ['Runs', 'Close', 'of', 'Open', 'name', 'The link is copied.'])
})

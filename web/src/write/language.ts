// Language features of the editor, answered by the server: completion and descriptions of words.

import { autocompletion, snippetCompletion, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import { StateEffect, StateField, type Extension } from '@codemirror/state'
import { hoverTooltip, keymap, showTooltip, type EditorView, type Tooltip } from '@codemirror/view'
import { isAbort, post } from '../api'
import { file } from '../crisis'
import { tr } from '../texts'

interface Item {
  label: string
  kind: string
  detail: string
  info: string
  insert: string
  snippet: string | null
}

interface Meaning {
  from: number
  to: number
  title: string
  paragraphs: string[]
}

/** The editor's own picture for each kind of word. */
const PICTURES: Record<string, string> = {
  key: 'property', actor: 'class', option: 'enum', input: 'variable', lever: 'variable', distribution: 'function',
  function: 'function', ending: 'constant', source: 'text', state: 'interface', step: 'interface', let: 'variable',
}

function asked(text: string, offset: number): { path: string; text: string; offset: number } {
  return { path: file.peek()?.path ?? 'crisis.yaml', text, offset }
}

async function completions(context: CompletionContext): Promise<CompletionResult | null> {
  const before = context.matchBefore(/[\w.]+/)
  if (!before && !context.explicit && !context.matchBefore(/[:[{,=(] $/)) return null
  const left = new AbortController()
  context.addEventListener('abort', () => left.abort())
  try {
    const found = await post<{ from: number; to: number; items: Item[] }>(
      '/api/complete', asked(context.state.doc.toString(), context.pos), left.signal)
    if (!found.items.length) return null
    const options = found.items.map((item, place) => offered(item, -place))
    // while the word is typed, the same answer is filtered here; the next word makes a new request
    return { from: found.from, to: found.to, options, validFor: /^[\w ]*$/ }
  } catch {
    return null
  }
}

function offered(item: Item, boost: number): Completion {
  const shown: Completion = {
    label: item.label,
    detail: item.detail,
    type: PICTURES[item.kind] ?? 'keyword',
    boost: Math.max(boost, -99),
    ...(item.info ? { info: item.info } : {}),
  }
  return item.snippet ? snippetCompletion(item.snippet, shown) : { ...shown, apply: item.insert }
}

async function meaning(view: EditorView, offset: number): Promise<Tooltip | null> {
  const text = view.state.doc.toString()
  try {
    const found = await post<Meaning | null>('/api/hover', asked(text, offset))
    if (!found || view.state.doc.toString() !== text) return null
    return {
      pos: found.from, end: found.to, above: true, arrow: true,
      create: () => ({ dom: explained(found) }),
    }
  } catch (error) {
    if (isAbort(error)) return null
    return null
  }
}

function explained(found: Meaning): HTMLElement {
  const dom = document.createElement('div')
  dom.className = 'meaning'
  dom.setAttribute('role', 'status')
  const title = document.createElement('strong')
  title.textContent = found.title
  dom.append(title)
  for (const paragraph of found.paragraphs) {
    const line = document.createElement('p')
    line.textContent = paragraph
    dom.append(line)
  }
  return dom
}

const showMeaning = StateEffect.define<Tooltip | null>()

/** The description opened by key: it stays until the cursor moves, the text changes, or Escape. */
const meaningShown = StateField.define<Tooltip | null>({
  create: () => null,
  update(shown, transaction) {
    for (const effect of transaction.effects) if (effect.is(showMeaning)) return effect.value
    return transaction.docChanged || transaction.selection ? null : shown
  },
  provide: (field) => showTooltip.from(field),
})

/** "What is this?": the same help as under the mouse, for the word at the cursor. */
export function whatIsThis(view: EditorView): boolean {
  const { head } = view.state.selection.main
  void meaning(view, head).then((found) => {
    if (view.state.selection.main.head === head) view.dispatch({ effects: showMeaning.of(found ?? nothing(head)) })
  })
  return true
}

function nothing(pos: number): Tooltip {
  const found = { from: pos, to: pos, title: tr('Nothing is known of this word.'), paragraphs: [] }
  return { pos, above: true, arrow: true, create: () => ({ dom: explained(found) }) }
}

export function languageHelp(): Extension {
  return [
    autocompletion({ override: [completions], activateOnTypingDelay: 120, icons: true, defaultKeymap: true }),
    hoverTooltip((view, pos) => meaning(view, pos), { hoverTime: 350 }),
    meaningShown,
    keymap.of([
      { key: 'F1', run: whatIsThis, preventDefault: true },
      { key: 'Mod-i', run: whatIsThis, preventDefault: true },
      {
        key: 'Escape',
        run: (view) => {
          if (!view.state.field(meaningShown)) return false
          view.dispatch({ effects: showMeaning.of(null) })
          return true
        },
      },
    ]),
  ]
}

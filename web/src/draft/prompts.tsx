// A draft by copying: the prompt of the stage, and a box for the answer that a model gave to it elsewhere.

import { useEffect, useRef, useState } from 'preact/hooks'
import { post } from '../api'
import { useAsking } from '../parts/asking'
import { copy, keep as download } from '../parts/keeping'
import { Working } from '../parts/working'
import { remember } from '../remember'
import { hello, say } from '../session'
import { tr, trn } from '../texts'
import { draftState, type DraftState } from './state'

export function PromptSteps({ state }: { state: DraftState }) {
  const { prompt } = state
  const [answer, setAnswer] = useState(() => kept(state.folder))
  const asked = useAsking<DraftState>()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => remember(key(state.folder), answer), [answer])
  if (!prompt) return null

  async function copyPrompt(): Promise<void> {
    if (await copy(prompt!.text)) say(tr('The prompt is copied.'))
    else say(tr('This browser does not let the page copy: save it as a file, or select it below and copy it yourself.'), 'error')
  }

  async function hand(event: Event): Promise<void> {
    event.preventDefault()
    if (asked.since !== null) return
    const said = await asked.ask((signal) => post<DraftState>('/api/draft/answer', { folder: state.folder, answer }, signal))
    if (!said) return
    setAnswer('')
    remember(key(said.folder), '')
    draftState.value = said
    requestAnimationFrame(() => heading.current?.focus())
  }

  return (
    <>
      <section class="card" aria-labelledby="prompt-heading">
        <h3 id="prompt-heading" tabIndex={-1} ref={heading}>{tr('1. Copy the prompt')}</h3>
        <p>
          {tr('Paste it into a new chat with a capable model. It holds the whole document: what you paste elsewhere leaves this ' +
            'machine.')}
        </p>
        <div class="buttons">
          <button type="button" class="main" onClick={() => void copyPrompt()}>
            {trn('Copy ({count} character)', 'Copy ({count} characters)', prompt.text.length)}
          </button>
          <button type="button"
            onClick={() => download(new Blob([prompt.text], { type: 'text/markdown' }), `${prompt.number}-${prompt.stage}.prompt.md`)}>
            {tr('Save as a file')}
          </button>
        </div>
        <details>
          <summary>{tr('Show the prompt')}</summary>
          <pre class="prompt" tabIndex={0} aria-label={tr('The prompt')}>{prompt.text}</pre>
        </details>
      </section>
      <form class="card" aria-label={tr('The answer')} onSubmit={(event) => void hand(event)}>
        <h3><label for="answer">{tr('2. Paste the answer')}</label></h3>
        <textarea id="answer" rows={8} value={answer} spellcheck={false} aria-describedby="answer-note"
          onInput={(event) => setAnswer(event.currentTarget.value)} />
        <p class="note" id="answer-note">
          {tr('The whole answer; words around the JSON do no harm. This browser keeps it until it is used.')}
        </p>
        <button type="submit" class="main" disabled={!answer.trim() || asked.since !== null}>{tr('Use the answer')}</button>
        <Working asked={asked} what={tr('Reading the answer')} />
      </form>
    </>
  )
}

function key(folder: string): string {
  return `offramp-answer ${hello.peek()?.folder ?? ''} ${folder}`
}

/** An answer that was pasted and not used, which survives a reload. */
function kept(folder: string): string {
  return localStorage.getItem(key(folder)) ?? ''
}

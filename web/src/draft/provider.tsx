// A draft by a provider: its address, the model and the variable that holds the key; what is sent where, before it is.

import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { post } from '../api'
import { useAsking } from '../parts/asking'
import { Entry } from '../parts/fields'
import { Working } from '../parts/working'
import { remember, remembered } from '../remember'
import { hello, sayError } from '../session'
import { tr, trn, woven } from '../texts'
import { draftState, look, type DraftState } from './state'

interface Asked {
  base_url: string
  model: string
  key_env: string
}

/** What is sent, and where. */
interface Sending {
  host: string
  local: boolean
  characters: number
  max_calls: number
  max_tokens: number
  key: 'set' | 'not set' | 'none'
}

export function ProviderSteps({ state }: { state: DraftState }) {
  const [form, setForm] = useState<Asked>(() => remembered(key(), EMPTY))
  const [agreed, agree] = useState(false)
  const planned = useAsking<Sending>()
  const started = useAsking<DraftState>()
  const [shown, show] = useState<Sending | null>(null)
  const { work } = state
  const going = work?.state === 'going'

  function change(next: Partial<Asked>): void {
    setForm({ ...form, ...next })
    show(null)
    agree(false)
  }

  async function plan(event: Event): Promise<void> {
    event.preventDefault()
    remember(key(), JSON.stringify(form))
    show(await planned.ask((signal) => post<Sending>('/api/draft/sending', { folder: state.folder, ...form }, signal)))
    requestAnimationFrame(() => document.getElementById('sending-heading')?.focus())
  }

  async function start(): Promise<void> {
    const said = await started.ask((signal) => post<DraftState>('/api/draft/ask', { folder: state.folder, ...form, confirmed: true }, signal))
    if (said) draftState.value = said
    agree(false)
    show(null)
  }

  async function stop(): Promise<void> {
    try {
      await post('/api/draft/stop', { folder: state.folder })
    } catch (error) {
      sayError(error)
    }
    await look()
  }

  if (state.refused) return <p class="refused">{state.refused}</p>
  return (
    <>
      {work && (
        <section class="card" aria-label={tr('The provider')}>
          <p role="status">{going ? tr('{model} at {host} is asked …', { model: work.model, host: work.host }) : ENDED[work.state]}</p>
          {going && (
            <div class="working">
              <span class="pulse" aria-hidden="true" />
              <span class="elapsed">{trn('{count} answer so far', '{count} answers so far', state.usage.calls)}</span>
              <button type="button" onClick={() => void stop()}>{tr('Stop')}</button>
            </div>
          )}
          {work.message && <p class="refused">{work.message}</p>}
          {!going && (
            <p class="note">{tr('All work so far is kept. Ask again below to go on from this stage, or copy the prompt.')}</p>
          )}
        </section>
      )}
      {!going && (
        <form class="card" aria-label={tr('Ask a provider')} onSubmit={(event) => void plan(event)}>
          <h3>{tr('Which provider')}</h3>
          <div class="fields">
            <Entry label={tr('Base URL')} value={form.base_url} required maxLength={500} set={(base_url) => change({ base_url })}
              hint={tr('of a server that speaks the protocol of OpenAI, such as http://localhost:11434/v1')} />
            <Entry label={tr('Model')} value={form.model} required maxLength={100} set={(model) => change({ model })}
              hint={tr('its name there')} />
            <Entry label={tr('Variable with the key')} value={form.key_env} maxLength={100} set={(key_env) => change({ key_env })}
              hint={tr("name of an environment variable of the workbench's process; empty if no key is needed. This page takes no key")} />
            <button type="submit" disabled={planned.since !== null}>{tr('What is sent?')}</button>
          </div>
          <Working asked={planned} what={tr('Looking it up')} />
          {shown && (
            <section class="sending" aria-labelledby="sending-heading">
              <h3 id="sending-heading" tabIndex={-1}>{tr('What is sent where')}</h3>
              <dl>
                <div><dt>{tr('to')}</dt><dd>{hostOf(shown)}</dd></div>
                <div>
                  <dt>{tr('what')}</dt>
                  <dd>
                    {trn('the document and the records so far: {count} character a call',
                      'the document and the records so far: {count} characters a call', shown.characters)}
                  </dd>
                </div>
                <div>
                  <dt>{tr('at most')}</dt>
                  <dd>
                    {trn('{count} call, {tokens} tokens', '{count} calls, {tokens} tokens', shown.max_calls,
                      { tokens: shown.max_tokens.toLocaleString('en') })}
                  </dd>
                </div>
                <div><dt>{tr('key')}</dt><dd>{KEY[shown.key]}</dd></div>
              </dl>
              <label class="tick">
                <input type="checkbox" checked={agreed} onChange={(event) => agree(event.currentTarget.checked)} />
                <span>{tr('The document may be sent to {host}.', { host: shown.host })}</span>
              </label>
              <button type="button" class="main" disabled={!agreed || shown.key === 'not set' || started.since !== null} onClick={() => void start()}>
                {tr('Send it')}
              </button>
            </section>
          )}
          <Working asked={started} what={tr('Starting')} />
        </form>
      )}
    </>
  )
}

function hostOf({ host, local }: Sending): ComponentChildren {
  const name = <b>{host}</b>
  return local ? woven('{host}, on this machine', { host: name }) : name
}

const ENDED: Record<string, string> = {
  stopped: tr('It was stopped.'), failed: tr('It ended before the draft was complete.'), finished: tr('It has ended.'), going: '',
}
const KEY = {
  set: tr('from the variable, which is set'), none: tr('none'),
  'not set': tr('the variable is not set in the process of the workbench: set it, and start the workbench again'),
}
const EMPTY: Asked = { base_url: '', model: '', key_env: '' }

/** The provider that was named last is remembered here: never in the draft, which may come from a stranger. */
function key(): string {
  return `offramp-provider ${hello.peek()?.folder ?? ''}`
}

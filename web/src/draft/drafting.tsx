// Draft: a crisis from a document. First the document, then the stages, then the review, as far as the draft has come.

import { useState } from 'preact/hooks'
import { tr, trn } from '../texts'
import { DraftHead } from './about'
import { DocumentForm } from './document'
import { PromptSteps } from './prompts'
import { ProviderSteps } from './provider'
import { Review } from './review'
import { draftFolder, draftState, type DraftState, type Stage } from './state'

export function Drafting() {
  const folder = draftFolder.value
  const state = draftState.value
  if (folder === null) return <DocumentForm />
  if (!state) return <p class="waiting" role="status">{tr('Opening the draft …')}</p>
  return <div class="desk drafting" key={folder}>{state.outcome === null ? <Stages state={state} /> : <Review state={state} />}</div>
}

const STAGES: Record<string, string> = {
  extract: tr('Who acts, what they can do, and what is hidden'),
  quotes: tr('Once more: quotes that were not found in the document'),
  timeline: tr('The order of play, and the endings'),
  numbers: tr('Numbers and payoffs'),
  repair: tr('Repairs of the crisis file'),
  sense: tr('A second look at the model'),
}
const AS_NEEDED = ['repair', 'sense']
const STANDS = { done: tr('done'), now: tr('now'), ahead: tr('to come'), skipped: tr('not needed') }

function Stages({ state }: { state: DraftState }) {
  const [asks, setAsks] = useState<'copy' | 'provider'>(state.work ? 'provider' : 'copy')
  const going = state.work?.state === 'going'
  return (
    <>
      <DraftHead state={state} />
      <section class="card" aria-labelledby="stages-heading">
        <h3 id="stages-heading">{tr('Stages')}</h3>
        <ol class="stages">
          {state.stages.map(({ stage, state: stands }) => (
            <li key={stage} data-stands={stands} aria-current={stands === 'now' ? 'step' : undefined}>
              <span class="mark" aria-hidden="true">{stands === 'done' ? '✓' : stands === 'now' ? '▸' : ''}</span>
              <span>{stageName(stage, stands)}</span>
              <small>{STANDS[stands]}</small>
            </li>
          ))}
        </ol>
        {state.found.map((words) => words && <p class="note" key={words}>{words.charAt(0).toUpperCase() + words.slice(1)}.</p>)}
        {state.faults.length > 0 && (
          <>
            <p class="note">{tr('What is to be repaired:')}</p>
            <ul class="remarks">{state.faults.map((fault, place) => <li key={place}>{fault}</li>)}</ul>
          </>
        )}
        {state.usage.calls > 0 && <p class="note">{callsOf(state)}</p>}
      </section>
      {state.complaints.length > 0 && (
        <section class="refused" aria-label={tr('The last answer')}>
          <b>{tr('What was wrong with the last answer')}</b>
          <ul>{state.complaints.map((complaint, place) => <li key={place}>{complaint}</li>)}</ul>
          <p class="note">{tr('The next prompt says so.')}</p>
        </section>
      )}
      {state.stuck && <p class="refused" role="alert">{state.stuck}</p>}
      <div class="sides two" role="group" aria-label={tr('How a model is asked')}>
        <button type="button" aria-pressed={asks === 'copy'} disabled={going} onClick={() => setAsks('copy')}>
          {tr('Copy the prompt')}
        </button>
        <button type="button" aria-pressed={asks === 'provider'} onClick={() => setAsks('provider')}>{tr('Ask a provider')}</button>
      </div>
      {asks === 'copy' && !going ? <PromptSteps state={state} /> : <ProviderSteps state={state} />}
    </>
  )
}

function stageName(stage: string, stands: Stage['state']): string {
  const name = STAGES[stage] ?? stage
  return AS_NEEDED.includes(stage) && stands === 'ahead' ? tr('{stage}, if needed', { stage: name }) : name
}

function callsOf({ usage, model }: DraftState): string {
  const tokens = { sent: usage.input_tokens.toLocaleString('en'), answered: usage.output_tokens.toLocaleString('en') }
  return model
    ? trn('{count} call of {model}: {sent} tokens sent, {answered} answered.',
      '{count} calls of {model}: {sent} tokens sent, {answered} answered.', usage.calls, { model, ...tokens })
    : trn('{count} call of a model: {sent} tokens sent, {answered} answered.',
      '{count} calls of a model: {sent} tokens sent, {answered} answered.', usage.calls, tokens)
}

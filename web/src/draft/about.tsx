// What a draft is of: its document, its folder, its model, and paragraphs to read with care.

import { tr, trn } from '../texts'
import type { DraftState } from './state'

export function DraftHead({ state }: { state: DraftState }) {
  const { document: read } = state
  return (
    <>
      <h2>{read.title || read.name}</h2>
      <p class="facts">
        <span>{tr('draft in {folder}', { folder: state.folder })}</span>
        <span>{trn('{document}, {count} paragraph', '{document}, {count} paragraphs', read.paragraphs, { document: read.name })}</span>
        {state.as_of && <span>{tr('as of {date}', { date: state.as_of })}</span>}
        {state.model && <span>{tr('model: {model}', { model: state.model })}</span>}
      </p>
      {state.outcome === null && <Suspicious numbers={read.suspicious} />}
    </>
  )
}

export function Suspicious({ numbers }: { numbers: number[] }) {
  if (!numbers.length) return null
  const paragraphs = numbers.slice(0, 20).map((number) => `¶${number}`).join(', ')
  return (
    <p class="warn">
      {trn('A paragraph reads like instructions to a language model: {paragraphs}. Records that cite it are marked in the review.',
        '{count} paragraphs read like instructions to a language model: {paragraphs}. Records that cite them are marked in the review.',
        numbers.length, { paragraphs })}
    </p>
  )
}

/** What the model says of its draft, what its second look changed, and what of its answers was left out. */
export function Told({ state }: { state: DraftState }) {
  return (
    <>
      <Lines title={tr("The model's notes")} lines={state.notes} />
      <Lines title={tr('Changed by the second look, so first in the review')} lines={state.changed} />
      <Lines title={tr('Left out of the answers, or ours')} lines={state.remarks} />
    </>
  )
}

function Lines({ title, lines }: { title: string; lines: string[] }) {
  if (!lines.length) return null
  return (
    <details open={lines.length <= 8}>
      <summary>{title}: {lines.length}</summary>
      <ul class="remarks">{lines.map((line, place) => <li key={place}>{line}</li>)}</ul>
    </details>
  )
}

// What a draft is of: its document, its folder, its model, and paragraphs to read with care.

import type { DraftState } from './state'

export function DraftHead({ state }: { state: DraftState }) {
  const { document: read } = state
  return (
    <>
      <h2>{read.title || read.name}</h2>
      <p class="facts">
        <span>draft in {state.folder}</span>
        <span>{read.name}, {read.paragraphs.toLocaleString('en')} {read.paragraphs === 1 ? 'paragraph' : 'paragraphs'}</span>
        {state.as_of && <span>as of {state.as_of}</span>}
        {state.model && <span>model: {state.model}</span>}
      </p>
      {state.outcome === null && <Suspicious numbers={read.suspicious} />}
    </>
  )
}

export function Suspicious({ numbers }: { numbers: number[] }) {
  if (!numbers.length) return null
  return (
    <p class="warn">
      {numbers.length === 1 ? 'A paragraph reads' : `${numbers.length} paragraphs read`} like instructions to a language
      model: {numbers.slice(0, 20).map((number) => `¶${number}`).join(', ')}. Records that cite {numbers.length === 1 ? 'it' : 'them'} are marked in the review.
    </p>
  )
}

/** What the model says of its draft, what its second look changed, and what of its answers was left out. */
export function Told({ state }: { state: DraftState }) {
  return (
    <>
      <Lines title="The model's notes" lines={state.notes} />
      <Lines title="Changed by the second look, so first in the review" lines={state.changed} />
      <Lines title="Left out of the answers, or ours" lines={state.remarks} />
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
